"""`grader serve` grades what arrives as it arrives, and nothing that arrived before is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from grader import serving
from grader.api import GradedClass
from grader.course import load_course
from grader.errors import GraderFailed, NoSubmissions
from grader.grading.folder import FolderGrader, FolderOptions
from grader.grading.results import Results, SubmissionResult
from grader.grading.unnamed import unnamed_groups
from grader.reports import ReportOptions
from tests.kit.commands import run_module

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x\n"
PATIENCE = 60


class Story:
    """A listener that writes down what happens, and does the next thing whenever there is nothing left to do.

    Args:
        steps: each step changes the folder.
    """

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.lines: list[str] = []
        self.scores: list[dict[str, float]] = []
        self._steps: Iterator[Callable[[], object]] = iter(steps)
        self._end = time.monotonic() + PATIENCE
        self.finished = False

    def graded(self, result: SubmissionResult, known: bool, waiting: int) -> None:
        self.lines.append(f"{result.id} {result.score:g}")

    def reported(self, graded: GradedClass, waiting: int) -> None:
        self.scores.append({each.id: each.final_score for each in graded.results.submissions})
        if not waiting:
            self._go_on()

    def problem(self, sentence: str) -> None:
        self.lines.append(sentence)
        self._go_on()

    def stops(self) -> bool:
        assert time.monotonic() < self._end, self.lines
        return self.finished

    def _go_on(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self.finished = True
        else:
            step()


@pytest.fixture
def arriving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which submissions arrive; what is in it counts as complete at once."""
    monkeypatch.setattr(serving, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.05)
    folder = tmp_path / "arriving"
    folder.mkdir()
    return folder


def hand_in(folder: Path, student: str, text: str) -> None:
    """Put a module into a student's folder."""
    (folder / student).mkdir(exist_ok=True)
    (folder / student / "double.py").write_text(text, encoding="utf-8")


def test_what_arrives_is_graded(arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path]) -> None:
    """New, changed and deleted submissions are noticed; the newest is graded first; a second run starts with what is known."""
    course = load_course(tiny_course())
    out, marks = tmp_path / "graded", tmp_path / "marks.yaml"
    marks.write_text("", encoding="utf-8")
    options = FolderOptions(jobs=1, marks=(marks,))
    hand_in(arriving, "zoe", RIGHT)
    time.sleep(0.05)
    hand_in(arriving, "ann", WRONG)
    story = Story(
        lambda: hand_in(arriving, "ben", RIGHT),
        lambda: hand_in(arriving, "ann", RIGHT),
        lambda: shutil.rmtree(arriving / "zoe"),
        lambda: marks.write_text("ben: [", encoding="utf-8"),
        lambda: marks.write_text("ben: {comment: Well done.}", encoding="utf-8"),
    )
    serving.serve(arriving, course, out, options, ReportOptions(), story, story.stops)
    graded, problem = story.lines[:4], story.lines[4:]
    assert graded == ["ann 0", "zoe 2", "ben 2", "ann 2"]
    assert len(problem) == 1
    assert "marks.yaml" in problem[0]
    at_first, full = {"ann": 0.0, "zoe": 2.0}, {"ann": 2.0, "ben": 2.0}
    assert story.scores == [at_first, at_first | {"ben": 2.0}, full | {"zoe": 2.0}, full, full]
    assert "Well done." in (out / "results.json").read_text(encoding="utf-8")
    again = Story()
    serving.serve(arriving, course, out, options, ReportOptions(), again, again.stops)
    assert sorted(again.lines) == ["ann 2", "ben 2"]


def test_who_hands_in_again_keeps_the_result_until_the_new_one_is_there(
    arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While files may still be written, they aren't graded, and the earlier attempt counts."""
    course = load_course(tiny_course())
    hand_in(arriving, "ann", RIGHT)

    def write_slowly() -> None:
        monkeypatch.setattr(serving, "SETTLED_SECONDS", 1000.0)
        hand_in(arriving, "ann", WRONG)

    def be_done() -> None:
        monkeypatch.setattr(serving, "SETTLED_SECONDS", 0.0)

    story = Story(write_slowly)
    reported = story.reported

    def then(graded: GradedClass, waiting: int) -> None:
        reported(graded, waiting)
        if waiting:
            be_done()

    monkeypatch.setattr(story, "reported", then)
    marks = tmp_path / "marks.yaml"
    marks.write_text("", encoding="utf-8")
    options = FolderOptions(jobs=1, marks=(marks,))
    looked = 0

    def stops() -> bool:
        nonlocal looked
        looked += 1
        if serving.SETTLED_SECONDS and looked % 20 == 0:
            # Something else is new, so the reports are written while the attempt waits.
            marks.write_text("ann: {comment: Soon.}", encoding="utf-8")
        return story.stops()

    serving.serve(arriving, course, tmp_path / "graded", options, ReportOptions(), story, stops)
    assert story.lines == ["ann 2", "ann 0"]
    assert story.scores == [{"ann": 2.0}, {"ann": 2.0}, {"ann": 0.0}]


def test_nothing_is_done_twice(arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path]) -> None:
    """If nothing is new, nothing is graded or written, whatever is in the instructor's files."""
    course, marks, out = load_course(tiny_course()), tmp_path / "marks.yaml", tmp_path / "graded"
    marks.write_text("", encoding="utf-8")
    hand_in(arriving, "ann", WRONG)
    story = Story(lambda: None)
    with FolderGrader(arriving, course, out, FolderOptions(jobs=1, marks=(marks,))) as grader:
        server = serving._Server(grader, arriving, course, out, FolderOptions(jobs=1), ReportOptions(), story)
        assert [server.step(), server.step()] == [True, False]
        results = msgspec.json.decode((out / "results.json").read_bytes(), type=Results)
        group = unnamed_groups(results)[0]
        marks.write_text(f"alike: {{{group.id}: {{comment: Look at the doubling.}}}}\n", encoding="utf-8")
        assert [server.step() for _ in range(3)] == [True, False, False]
    assert story.lines == ["ann 0"]
    assert len(story.scores) == 2
    assert "Look at the doubling." in (out / "results.json").read_text(encoding="utf-8")


def test_a_course_that_changes_ends_it(arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path]) -> None:
    """Results of the checks as they were aren't kept for the checks as they are."""
    course = load_course(tiny_course())
    hand_in(arriving, "ann", RIGHT)

    def change() -> None:
        with (course.root / "tests" / "visible" / "test_double.py").open("a", encoding="utf-8") as file:
            file.write("\n# Another one.\n")
        hand_in(arriving, "ben", RIGHT)

    story = Story(change)
    with pytest.raises(GraderFailed, match="have changed"):
        serving.serve(arriving, course, tmp_path / "graded", FolderOptions(jobs=1), ReportOptions(), story, story.stops)
    assert story.lines == ["ann 2"]


def test_a_download_without_folders_is_a_problem(
    arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path]
) -> None:
    """What can't be graded as it is gets the sentence of `grader grade`, once."""
    course = load_course(tiny_course())
    for name in ("alice_123_456_double.py", "bob_124_457_double.py"):
        (arriving / name).write_text(RIGHT, encoding="utf-8")
    story = Story()
    serving.serve(arriving, course, tmp_path / "graded", FolderOptions(), ReportOptions(), story, story.stops)
    assert len(story.lines) == 1
    assert "grader collect" in story.lines[0]


def test_an_empty_folder_waits_and_a_missing_one_is_an_error(
    arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path]
) -> None:
    """Nothing needs to be there at the beginning, except the folder."""
    course = load_course(tiny_course())
    story = Story()
    looks = iter(range(3))

    def stops() -> bool:
        if next(looks, None) is None and not any(arriving.iterdir()):
            hand_in(arriving, "ann", RIGHT)
        return story.stops()

    serving.serve(arriving, course, tmp_path / "graded", FolderOptions(jobs=1), ReportOptions(), story, stops)
    assert story.lines == ["ann 2"]
    with pytest.raises(NoSubmissions, match="Make the folder"):
        serving.serve(tmp_path / "none", course, tmp_path / "graded", FolderOptions(), ReportOptions(), story)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_it_can_be_stopped_at_any_time(arriving: Path, tmp_path: Path, tiny_course: Callable[..., Path]) -> None:
    """Ctrl-C ends the command with a sentence, and another run goes on from there."""
    course, out = tiny_course(), tmp_path / "graded"
    hand_in(arriving, "ann", RIGHT)
    command = [sys.executable, "-m", "grader", "serve", str(arriving), "--out", str(out), "--course", str(course)]
    run = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True, cwd=tmp_path
    )
    stream = run.stderr
    assert stream is not None
    try:
        lines = iter(stream.readline, "")
        assert any(line == "graded ann: 2 of 6\n" for line in lines)
        assert any("1 submission; waiting for more" in line for line in lines)
        os.killpg(run.pid, 2)
        assert "Stopped. The results so far are kept" in "".join(lines)
        assert run.wait(PATIENCE) == 130
    finally:
        run.kill()
        run.wait()
        stream.close()
    arguments = ("grade", str(arriving), "--out", str(out), "--course", str(course))
    assert "ann: 2 of 6 (from an earlier run)" in run_module("grader", *arguments, cwd=tmp_path).stderr
