"""Tracks: named selections of exercises that learners, `pytest`, grading and notebooks follow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from grader.course import Course, by_default, default_part, load_course
from grader.course.stub import make_stub
from grader.errors import CourseError, UsageError
from grader.grading.class_files import Register
from grader.grading.intake import take_in
from grader.grading.marks import ByHand, Override
from grader.grading.part import part_to_grade
from grader.release.course_file import released_course
from grader.study.next_steps import advice, finished
from grader.study.progress import course_progress
from grader.study.state import load_state
from grader.study.tracks import all_tracks, choose, on_track
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
TRACKS = """\
tracks:
  - {id: short, title: The beginning, exercises: [double]}
  - {id: long, title: All of it, exercises: [double, twice]}
  - {id: rest, title: What follows, exercises: [twice]}
default_tracks: [short]
"""
ASSIGNMENTS = "assignments:\n  - {id: both, exercises: [double, twice]}\n"
DOUBLE = "def double(x):\n    return 2 * x\n"
TWICE = "from .double import double\n\ndef twice(x):\n    return double(double(x))\n"


def silent(sentence: str) -> None:
    """Ignore a sentence."""


run_grader = functools.partial(run_module, "grader")


@pytest.fixture
def tracked(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with tracks; both exercises are stubs."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + TRACKS, encoding="utf-8")
    stubs = path.parent / "exercises"
    stubs.mkdir(exist_ok=True)
    course = load_course(path)
    for exercise in course.exercises:
        solution = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        (stubs / f"{exercise.id}.py").write_text(make_stub(solution, exercise.id), encoding="utf-8")
    return course


def submission(folder: Path, **modules: str) -> Path:
    """Write a submission."""
    folder.mkdir(parents=True)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("tracks: [{id: A b, title: x, exercises: [double]}]", "`A b` cannot be a track's name"),
        ("tracks: [{id: a, title: x, exercises: []}]", "a track needs exercises"),
        ("tracks: [{id: a, title: x, exercises: [doubel]}]", "there is no exercise `doubel` (did you mean `double`?)"),
        (
            "tracks: [{id: a, title: x, exercises: [double]}, {id: a, title: y, exercises: [twice]}]",
            "there are two tracks `a`",
        ),
        ("default_tracks: [core]", "there is no track `core`"),
    ],
)
def test_a_wrong_track_is_reported_with_its_line(tiny_course: TinyCourse, block: str, message: str) -> None:
    """Names, exercises and default tracks are checked, and the message names the line."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + block + "\n", encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        load_course(path)
    assert message in str(caught.value)
    assert "line " in str(caught.value)


def test_default_tracks_and_written_assignments_count(tracked: Course) -> None:
    """Without a choice, the default tracks' exercises count, and those of assignments; without tracks, all do."""
    assert by_default(tracked) == {"double"}
    assert list(default_part(tracked).by_id) == ["double"]
    assert list(default_part(tracked, ["rest"]).by_id) == ["twice"]
    text = tracked.file.read_text(encoding="utf-8")
    tracked.file.write_text(text + ASSIGNMENTS, encoding="utf-8")
    assert by_default(load_course(tracked.file)) == {"double", "twice"}
    tracked.file.write_text(text.replace(TRACKS, ""), encoding="utf-8")
    assert by_default(load_course(tracked.file)) == {"double", "twice"}


def test_a_learner_chooses_tracks(tracked: Course) -> None:
    """What a learner chooses is remembered, and a name that no track has is answered with the names there are."""
    assert [track.is_followed for track in all_tracks(tracked, silent)] == [True, False, False]
    choose(tracked, ["rest,short"], silent)
    assert [track.is_followed for track in all_tracks(tracked, silent)] == [True, False, True]
    assert list(on_track(tracked, silent).by_id) == ["double", "twice"]
    with pytest.raises(UsageError, match="There is no track `shrot`"):
        choose(tracked, ["shrot"], silent)
    with pytest.raises(
        UsageError, match=r"`twice` is an exercise\. The tracks that have it: long, rest\. To follow one: "
    ):
        choose(tracked, ["twice"], silent)
    assert [track.is_followed for track in all_tracks(tracked, silent)] == [True, False, True]


def test_progress_follows_the_track_and_says_that_there_is_more(tracked: Course) -> None:
    """Progress lists the track's exercises and what was begun, and counts the others."""
    part = on_track(tracked, silent)
    state = load_state(part, silent)
    exercises = course_progress(part, state)
    assert [exercise.id for exercise in exercises] == ["double"]
    assert advice(part, state, exercises)[-1] == "1 more exercise is on other tracks: grader track"
    (tracked.stubs / "twice.py").write_text(TWICE, encoding="utf-8")
    part = on_track(tracked, silent)
    exercises = course_progress(part, load_state(part, silent))
    assert [(exercise.id, exercise.waits_for) for exercise in exercises] == [("double", ()), ("twice", ("double",))]


def test_the_next_track_is_named_when_one_is_finished(tracked: Course) -> None:
    """The next track is the first after the learner's that has something to do, or else one before it."""

    def following() -> str:
        part = on_track(tracked, silent)
        return " ".join(finished(part, load_state(part, silent)))

    assert "All exercises on your track passed. Well done!" in following()
    assert "Your next track could be long, with 2 more exercises: grader track long" in following()
    choose(tracked, ["rest"], silent)
    assert "Your next track could be short, with 1 more exercise: grader track short" in following()
    choose(tracked, ["short", "long", "rest"], silent)
    assert "Your next track" not in following()


def test_an_exercise_on_the_track_may_need_one_that_is_not(tracked: Course) -> None:
    """What an exercise builds on is named although it isn't on the track."""
    choose(tracked, ["rest"], silent)
    part = on_track(tracked, silent)
    (exercise,) = course_progress(part, load_state(part, silent))
    assert exercise.waits_for == ("double",)


def test_pytest_leaves_out_other_tracks_unless_they_are_named_or_begun(tracked: Course) -> None:
    """Plain pytest follows the track; `-k` and a file's name run any exercise, and so does having begun it."""
    options = ["-p", "grader.checks.plugin", "-p", "grader.study.track_plugin", "--import-mode=importlib"]
    run = functools.partial(run_module, "pytest", *options, cwd=tracked.root, variables={"COLUMNS": "100"})
    plain = run().stdout
    assert "double: not started" in plain
    assert "twice:" not in plain
    assert "1 more exercise is on other tracks: grader track" in plain
    assert "twice: not started" in run("-k", "twice").stdout
    assert "twice: not started" in run("tests/visible/test_twice.py").stdout
    (tracked.stubs / "twice.py").write_text(TWICE, encoding="utf-8")
    assert "twice: PASSED" in run().stdout


def test_k_with_an_exercise_runs_its_checks_only(tracked: Course) -> None:
    """With `-k`, the id of an exercise isn't looked for in the names of other exercises' checks."""
    path = tracked.root / "tests" / "visible" / "test_double.py"
    path.write_text(path.read_text(encoding="utf-8").replace("test_double_three", "test_half_of_twice_three"))
    options = ["-p", "grader.checks.plugin", "-p", "grader.study.track_plugin", "--import-mode=importlib"]
    run = functools.partial(run_module, "pytest", *options, cwd=tracked.root, variables={"COLUMNS": "100"})
    only_twice = run("-k", "twice").stdout
    assert "twice: not started" in only_twice
    assert "double:" not in only_twice
    assert "double: not started" in run("-k", "half_of_twice").stdout


def test_grader_track_shows_and_chooses(tracked: Course) -> None:
    """`grader track` lists tracks with what they are; with a name, it chooses one."""
    shown = run_grader("track", cwd=tracked.root).stdout
    assert "YOURS: The beginning" in shown
    assert "grader track NAME" in shown
    assert "YOURS: What follows" in run_grader("track", "rest", cwd=tracked.root).stdout
    assert "twice" in run_grader("progress", cwd=tracked.root).stdout


def test_what_is_handed_in_is_graded_on_any_track(tracked: Course, tmp_path: Path) -> None:
    """An exercise off the track counts if somebody handed it in, and a sentence says so; an untouched stub doesn't."""
    untouched = (tracked.stubs / "twice.py").read_text(encoding="utf-8")
    nothing = Register({}, {}, {}, [])
    only_double = take_in(submission(tmp_path / "anna", double=DOUBLE, twice=untouched), tracked)
    part, remarks = part_to_grade(tracked, [only_double], nothing)
    assert (list(part.by_id), remarks) == (["double"], ())
    both = take_in(submission(tmp_path / "bob", double=DOUBLE, twice=TWICE), tracked)
    part, (remark,) = part_to_grade(tracked, [only_double, both], nothing)
    assert list(part.by_id) == ["double", "twice"]
    assert "twice (bob)" in remark
    assert "--track short" in remark
    marked = Register({}, {}, {"anna": ByHand("", [Override(1.0, "in class", "twice")])}, [])
    part, remarks = part_to_grade(tracked, [only_double], marked)
    assert (list(part.by_id), remarks) == (["double", "twice"], ())


def test_grading_can_be_held_to_a_track(tracked: Course, tmp_path: Path) -> None:
    """`--track` grades its exercises and nothing else."""
    folder = submission(tmp_path / "class" / "bob", double=DOUBLE, twice=TWICE)
    out = tmp_path / "out"
    run = run_grader("grade", str(folder.parent), "--out", str(out), "--track", "short", cwd=tracked.root)
    assert run.returncode == 0, run.stderr
    assert (out / "grades.csv").read_text(encoding="utf-8").splitlines()[0].count("twice") == 0


def test_a_release_has_no_track_without_exercises(tracked: Course) -> None:
    """A track loses the exercises that are drafts, and disappears with its last one."""
    text = tracked.file.read_text(encoding="utf-8").replace("title: Twice\n", "title: Twice\n    draft: true\n")
    tracked.file.write_text(text, encoding="utf-8")
    released = yaml.safe_load(released_course(load_course(tracked.file)))
    assert [(track["id"], track["exercises"]) for track in released["tracks"]] == [
        ("short", ["double"]),
        ("long", ["double"]),
    ]
    assert released["default_tracks"] == ["short"]
