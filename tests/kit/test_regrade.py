"""Grading again lists whose score changed, by how much and why."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec
import pytest

from grader import __version__
from grader.checks.outcome import Outcome
from grader.course import Course, load_course
from grader.errors import NotWritten
from grader.grading.final_score import adjusted_submission
from grader.grading.marks import ByHand, Override
from grader.grading.results import Results, results
from grader.grading.verdict import verdict
from grader.handin import version_of
from grader.reports.changes import changes, read_earlier
from grader.reports.feedback import RESULTS_FILE, write_results
from tests.kit.test_cli import DOUBLE, run

TinyCourse = Callable[..., Path]
ALL = ("test_double_three", "test_double_equals_the_reference", "test_twice_four", "test_twice_gives_a_float")


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course."""
    return load_course(tiny_course())


def graded(course: Course, digest: str = "a", by_hand: float | None = None, **passed: Collection[str]) -> Results:
    """Return the results of submissions, given by name with the checks that passed."""
    scores = [] if by_hand is None else [Override(by_hand, "Agreed.")]
    submissions = [
        verdict(
            course,
            name,
            {
                (exercise.id, check.id): Outcome("passed" if check.id in checks else "failed")
                for exercise in course.exercises
                for check in exercise.checks
            },
            digest=digest,
        )
        for name, checks in passed.items()
    ]
    return results(
        course, [adjusted_submission(course, submission, ByHand(scores=scores), {}, {}) for submission in submissions]
    )


def compared(folder: Path, course: Course, old: Results, new: Results) -> list[str]:
    """Write old results as an earlier run does; return the lines about what changed."""
    write_results(old, folder)
    return changes(read_earlier(folder / RESULTS_FILE), new)


def test_the_same_results_again_are_no_change(tiny: Course, tmp_path: Path) -> None:
    """If you grade the same thing again, the report says that no score changed."""
    same = graded(tiny, ann=ALL, bob=ALL[:1])
    assert compared(tmp_path, tiny, same, same) == ["Since the last run, none of 2 scores changed."]


def test_a_first_run_has_nothing_to_compare(tiny: Course, tmp_path: Path) -> None:
    """Without earlier results there is no message."""
    assert changes(read_earlier(tmp_path / RESULTS_FILE), graded(tiny, ann=ALL)) == []


def test_a_repaired_check_is_listed_with_its_effect(tiny: Course, tmp_path: Path) -> None:
    """If the same submission gets another score, the report says which checks changed."""
    old, new = graded(tiny, ann=ALL[1:], bob=ALL), graded(tiny, ann=ALL, bob=ALL)
    assert compared(tmp_path, tiny, old, new) == [
        "Since the last run, 1 of 2 scores changed:",
        "  ann: 5 -> 6 of 6 (+1). The checks or the grader changed.",
        "    double: test_double_three failed -> passed",
    ]


def test_a_changed_submission_differs_from_changed_checks(tiny: Course, tmp_path: Path) -> None:
    """A changed submission is recognized by its digest; the first changed checks are listed, the others counted."""
    messages = compared(tmp_path, tiny, graded(tiny, "a", ann=ALL), graded(tiny, "b", ann=()))
    assert messages[1] == "  ann: 6 -> 0 of 6 (-6). The submission changed."
    assert [line.partition(" passed")[2] for line in messages[2:5]] == [" -> failed"] * 3
    assert messages[5:] == ["    and 1 more"]


def test_new_points_and_new_checks_are_named(tiny: Course, tmp_path: Path) -> None:
    """The report lists checks that are worth more, are new, or are gone."""
    double, twice = tiny.exercises
    first, second = double.checks
    changed = (dataclasses.replace(first, points=2.0), dataclasses.replace(second, id="test_other"))
    other = dataclasses.replace(tiny, exercises=(dataclasses.replace(double, checks=changed), twice))
    lines = compared(tmp_path, tiny, graded(tiny, ann=ALL), graded(other, ann=ALL))
    assert lines[1:] == [
        "  ann: 6 of 6 -> 6 of 7 (+0). The checks or the grader changed.",
        "    double: test_double_three is worth 2 instead of 1",
        "    double: test_other is new: failed",
        "    double: test_double_equals_the_reference is gone",
    ]


def test_new_and_missing_exercises_are_named(tiny: Course, tmp_path: Path) -> None:
    """The report lists exercises that joined the course or left it."""
    less = dataclasses.replace(tiny, exercises=tiny.exercises[:1])
    assert compared(tmp_path, less, graded(less, ann=ALL), graded(tiny, ann=ALL))[2] == "    twice is new"
    lines = compared(tmp_path, tiny, graded(tiny, ann=ALL), graded(less, ann=ALL))
    assert lines[2] == "    twice is no longer in the course"


def test_a_mark_by_hand_differs_from_changed_checks(tiny: Course, tmp_path: Path) -> None:
    """If only the final score changed, the report doesn't blame a check."""
    lines = compared(tmp_path, tiny, graded(tiny, ann=ALL), graded(tiny, by_hand=3, ann=ALL))
    assert lines[1:] == [
        "  ann: final score 6 -> 3 of 6 (-3). The manual scores, the rubric or the late penalty changed."
    ]
    # The final score follows the automatic one, so it isn't reported a second time.
    assert len(compared(tmp_path, tiny, graded(tiny, ann=ALL[1:]), graded(tiny, ann=ALL))) == 3


def test_new_and_missing_submissions_are_listed(tiny: Course, tmp_path: Path) -> None:
    """The report names the first few submissions that are in only one of the two runs."""
    lines = compared(tmp_path, tiny, graded(tiny, **{f"s{n}": ALL for n in range(7)}), graded(tiny, zoe=ALL))
    assert lines == [
        "New since the last run: zoe.",
        "In the last run but not in this one: s0, s1, s2, s3, s4 and 2 more.",
    ]


def test_results_of_schema_1_are_replaced_with_a_message(tiny: Course, tmp_path: Path) -> None:
    """Results of an earlier version of the grader aren't compared; one line says so and what to do."""
    write_results(graded(tiny, ann=ALL[1:]), tmp_path)
    path = tmp_path / RESULTS_FILE
    earlier = json.loads(path.read_text(encoding="utf-8")) | {"schema": 1}
    path.write_text(json.dumps(earlier), encoding="utf-8")
    (line,) = changes(read_earlier(path), graded(tiny, ann=ALL))
    assert "schema 1, now 2" in line
    assert "This run replaces it" in line
    assert "\n" not in line


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"submissions": 3}', b"\xff\xfe"])
def test_earlier_results_that_cannot_be_read_are_reported(tiny: Course, tmp_path: Path, data: bytes) -> None:
    """If earlier results can't be read, a sentence says so and nothing is compared."""
    (tmp_path / RESULTS_FILE).write_bytes(data)
    (line,) = changes(read_earlier(tmp_path / RESULTS_FILE), graded(tiny, ann=ALL))
    assert "cannot be read" in line


def test_results_of_another_course_are_not_compared(tiny: Course, tmp_path: Path) -> None:
    """If the folder has results of another course, the report says so and compares nothing."""
    other = dataclasses.replace(tiny, id="other")
    (line,) = compared(tmp_path, other, graded(other, ann=ALL), graded(tiny, ann=ALL))
    assert "another course, other" in line


def test_another_version_of_course_or_grader_is_named_in_one_line(tiny: Course, tmp_path: Path) -> None:
    """If course.yaml, checks or the grader are others than in the last run, one line before the scores names them."""
    old = graded(tiny, ann=ALL[1:])
    write_results(old, tmp_path)
    for path in (tiny.file, tiny.check_folder("hidden") / "test_double.py"):
        path.write_text(path.read_text(encoding="utf-8") + "\n# Changed.\n", encoding="utf-8")
    new = graded(load_course(tiny.file), ann=ALL)
    lines = changes(read_earlier(tmp_path / RESULTS_FILE), new)
    assert lines[0] == (
        "The last run had another version of course.yaml, the hidden checks. That may be why scores differ."
    )
    assert lines[1] == "Since the last run, 1 of 1 scores changed:"
    older = msgspec.structs.replace(new, course=msgspec.structs.replace(new.course, grader="0.0.9"))
    (line, same) = compared(tmp_path, tiny, older, new)
    assert line.startswith(f"The last run had another version of the grader (0.0.9, now {__version__}).")
    assert same == "Since the last run, none of 1 scores changed."


def test_results_without_a_course_version_are_compared(tiny: Course, tmp_path: Path) -> None:
    """Results of a grader that didn't write the course's version yet are compared, and nothing is guessed."""
    new = graded(tiny, ann=ALL)
    older = msgspec.structs.replace(new, course=msgspec.structs.replace(new.course, version=None))
    assert compared(tmp_path, tiny, older, new) == ["Since the last run, none of 1 scores changed."]


def test_the_course_version_is_that_of_receipts(tiny: Course) -> None:
    """results.json has the digests that manifests have, and they don't depend on how lines end."""
    version = graded(tiny, ann=ALL).course.version
    assert version is not None
    of_manifests = version_of(tiny)
    assert (version.course_file, version.visible_checks) == (of_manifests.course_file, of_manifests.visible_checks)
    path = tiny.check_folder("hidden") / "test_double.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert graded(tiny, ann=ALL).course.version == version


def test_old_results_stay_until_the_new_ones_are_whole(
    tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies while it writes leaves the earlier results unchanged."""
    write_results(graded(tiny, ann=ALL), tmp_path)
    before = (tmp_path / RESULTS_FILE).read_bytes()

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            written = file.write(data[:10])
        if written < len(data):
            raise OSError("no space left")
        return written

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotWritten, match="no space"):
        write_results(graded(tiny, ann=()), tmp_path)
    assert (tmp_path / RESULTS_FILE).read_bytes() == before


def test_results_are_read_back_as_they_were(tiny: Course, tmp_path: Path) -> None:
    """The file contains everything in the structures, and no stray files are left next to it."""
    new = graded(tiny, by_hand=3, ann=ALL)
    write_results(new, tmp_path)
    assert msgspec.json.decode((tmp_path / RESULTS_FILE).read_bytes(), type=Results) == new
    assert sorted(os.listdir(tmp_path)) == ["course", RESULTS_FILE]


def test_grading_again_lists_what_changed(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """After a check is repaired, the command lists whose score changed; unreadable results don't stop it."""
    path = tiny_course()
    visible = path.parent / "tests" / "visible" / "test_double.py"
    right = visible.read_text(encoding="utf-8")
    for name in ("ann", "bob"):
        (tmp_path / "given" / name).mkdir(parents=True)
        (tmp_path / "given" / name / "double.py").write_text(DOUBLE, encoding="utf-8")
    arguments = ["grade", str(tmp_path / "given"), "--out", str(tmp_path / "out")]
    visible.write_text(right.replace("6.0", "7.0"), encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / RESULTS_FILE).write_text("spoilt", encoding="utf-8")
    first = run(path.parent, *arguments)
    assert first.returncode == 0, first.stderr
    assert "cannot be read" in first.stdout
    visible.write_text(right, encoding="utf-8")
    (tmp_path / "given" / "bob" / "double.py").write_text("def double(x):\n    return x + x\n", encoding="utf-8")
    again = run(path.parent, *arguments)
    assert again.returncode == 0, again.stderr
    assert "Since the last run, 2 of 2 scores changed:" in again.stdout
    assert "ann: 1 -> 2 of 6 (+1). The checks or the grader changed." in again.stdout
    assert "bob: 1 -> 2 of 6 (+1). The submission changed." in again.stdout
    assert "double: test_double_three failed -> passed" in again.stdout
