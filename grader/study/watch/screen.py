"""The screen of `grader watch`: what to look at next, and below it the status of every exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.text import Text

from grader.course import Course
from grader.study.progress import ExerciseProgress
from grader.study.watch.messages import Step
from grader.text import fitted

BUSY_SECONDS = 0.5
"""Seconds after which the screen says what it is waiting for."""
_FEWEST_LINES = 16
_MARKS = {"FAILED": "bold red", "ERROR": "bold red", "TIMEOUT": "bold red", "PASSED": "bold green"}


@dataclass
class _View:
    """The latest message about an exercise."""

    lines: list[str]
    passed: bool
    notes: list[str] = field(default_factory=list)


class Screen:
    """Shows one exercise in full, and all exercises in a line each.

    Args:
        console: the terminal; if it isn't one, nothing is cleared, and screens follow one another.
        course: the course.
        watched: the exercises to watch.
    """

    def __init__(self, console: Console, course: Course, watched: Sequence[str]) -> None:
        self._console, self._course, self._watched = console, course, list(watched)
        self._views: dict[str, _View] = {}
        self._focus = ""
        self._notes: list[str] = []
        self._step: Step | None = None
        self._seconds = 0.0
        self._fresh = True

    def begin(self) -> None:
        """Say that the checks are loading."""
        self._console.print("Loading torch and the checks; after that, every save is checked at once ...")

    def saved(self) -> None:
        """Note that a file was saved: its result is shown on top."""
        self._fresh = True

    def note(self, sentence: str) -> None:
        """Show a sentence once, below the rest."""
        self._notes.append(sentence)

    def missing(self, exercise: str) -> None:
        """Note that a file is gone."""
        line = f"{exercise}: exercises/{exercise}.py is gone. Save it again, or take the stub: grader reset {exercise}"
        self._show(exercise, _View([line], False))

    def died(self, exercise: str, reason: str) -> None:
        """Note that the learner's code ended its process, or doesn't return."""
        lines = [f"{exercise}: the checks did not finish", ""]
        lines += [f"  ERROR  Your code ended the process that runs it: {reason}."]
        lines += ["    usually  an endless loop, or exit() or os._exit() at the top of the file"]
        lines += [f"    rerun    save the file again, or find the line: pytest -k {exercise} -x"]
        self._show(exercise, _View(lines, False))

    def checked(self, exercise: str, lines: Sequence[str], passed: bool, notes: Sequence[str], seconds: float) -> None:
        """Note the results of an exercise."""
        self._step = None
        self._seconds = seconds
        self._show(exercise, _View(list(lines), passed, list(notes)))

    def step(self, step: Step) -> None:
        """Note how far the checks are."""
        self._step = step

    def busy(self, exercise: str, seconds: float) -> None:
        """Say what the screen is waiting for, if that takes a while."""
        if seconds < BUSY_SECONDS or not self._console.is_terminal:
            return
        far = f", {self._step.done} of {self._step.of}" if self._step and self._step.exercise == exercise else ""
        text = f"Checking {exercise}{far} ({seconds:.0f} s) ..."
        self._console.print(Text(text[: self._console.width - 1].ljust(self._console.width - 1)), end="\r")

    def draw(self, exercises: Sequence[ExerciseProgress], advice: Sequence[str]) -> None:
        """Draw the whole screen."""
        below = self._below(exercises, advice)
        top = self._top()
        if self._console.is_terminal:
            room = max(_FEWEST_LINES, self._console.height - len(below) - 1)
            if len(top) > room:
                top = [*top[: room - 1], f"  ... {len(top) - room + 1} more lines: pytest -k {self._focus}"]
            self._console.clear()
        for line in [*top, *below]:
            self._console.print(_styled(line), soft_wrap=True)

    def _show(self, exercise: str, view: _View) -> None:
        self._views[exercise] = view
        before = self._views.get(self._focus)
        # On top is the saved exercise; if it passes, the first exercise that uses it and fails.
        if self._fresh or before is None or (before.passed and not view.passed):
            self._focus = exercise
        self._fresh = False

    def _top(self) -> list[str]:
        view = self._views.get(self._focus)
        if view is None:
            return self._fit(["Nothing has been started yet. Save a file in exercises/ to have it checked."])
        return self._fit([part for line in [*view.lines, *view.notes] for part in line.split("\n")])

    def _below(self, exercises: Sequence[ExerciseProgress], advice: Sequence[str]) -> list[str]:
        widest = max(len(exercise.id) for exercise in exercises)
        lines = ["", "-" * min(self._console.width, 80)]
        for number, exercise in enumerate(exercises, start=1):
            status = f"{'NEXT: ' if exercise.is_next else ''}{exercise.description}"
            lines += self._fit([f"{number:>2} {exercise.id:<{widest}}  {status}"])
        view = self._views.get(self._focus)
        if view is not None and view.passed:
            finished = all(exercise.status == "passed" for exercise in exercises)
            lines += self._fit(advice if finished else advice[:1])
        notes, self._notes = self._notes, []
        at = f"Checked at {datetime.now().astimezone():%H:%M:%S} in {self._seconds:.2f} s. " if self._seconds else ""
        return [*lines, *self._fit([*notes, f"{at}Watching exercises/; press Ctrl-C to stop."])]

    def _fit(self, lines: Sequence[str]) -> list[str]:
        return [part for line in lines for part in fitted(line, self._console.width)]


def _styled(line: str) -> Text:
    text = Text(line)
    for word, style in _MARKS.items():
        if word in line:
            text.highlight_words([word], style)
    return text
