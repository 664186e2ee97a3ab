"""Progress while a class is graded: a bar with rate and time left on a terminal, otherwise plain lines."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from grader.grading.results import SubmissionResult
from grader.text import printable

if TYPE_CHECKING:
    from grader.notebooks.autograde import Progress as Step

LINE_EVERY = 25
"""Without a terminal, a line is printed each time this many submissions are done; in a smaller class, after each."""
LINE_EVERY_SAVED = 10
"""The same for submissions that are saved with nbgrader."""
WIDTH = 70
"""Characters of a remark about a submission; the rest is cut."""


class GradingProgress:
    """Shows how far grading is.

    Args:
        console: where progress is printed.
        quiet: print nothing.
    """

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console, self._quiet = console, quiet
        self.count = self.done = self.known = 0
        self._last_problem = ""
        self._start = time.monotonic()
        columns = [
            TextColumn("graded"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[problem]}", style="yellow"),
        ]
        self._bar = Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True)
        self._task: TaskID = self._bar.add_task("graded", total=None, rate="", problem="", visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, count: int) -> None:
        """Show how many submissions there are to grade."""
        self.count = count
        self._bar.update(self._task, total=count, visible=True)

    def advance(self, result: SubmissionResult, known: bool) -> None:
        """Count a submission as done; `known` says that its result is from an earlier run."""
        self.done += 1
        self.known += known
        problem = _problem(result)
        self._last_problem = escape(f"{printable(result.id, 30)}: {problem}") if problem else self._last_problem
        self._bar.update(self._task, advance=1, rate=self._rate(), problem=self._last_problem)
        if self._quiet or self._console.is_terminal:
            return
        if self.count <= LINE_EVERY:
            line = f"{'' if known else 'graded '}{result.id}: {result.score:g} of {result.max_score:g}"
            line += " (from an earlier run)" if known else ""
            self._print(f"{line}; {problem}" if problem else line)
        elif self.done % LINE_EVERY == 0 or self.done == self.count:
            self._print(f"graded {self.done} of {self.count}, {self._rate() or 'all from an earlier run'}")
            if problem:
                self._print(f"{printable(result.id, 30)}: {problem}")

    def _rate(self) -> str:
        graded, seconds = self.done - self.known, time.monotonic() - self._start
        return f"{60 * graded / seconds:.0f} per minute" if graded and seconds > 0 else ""

    def _print(self, text: str) -> None:
        self._console.print(escape(printable(text, 200)))


class SavingProgress:
    """Shows how far grading and saving with nbgrader are: two bars on a terminal, otherwise plain lines.

    Args:
        console: where progress is printed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = [TextColumn("{task.description:<7}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._graded, self._saved = (self._bars.add_task(name, total=None) for name in ("graded", "saved"))

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, count: int) -> None:
        """Show how many submissions there are to grade and save."""
        for task in (self._graded, self._saved):
            self._bars.update(task, total=count)

    def advance(self, step: Step) -> None:
        """Show a step: one more submission that was graded or saved."""
        self._bars.advance(self._graded, step.graded)
        self._bars.advance(self._saved, step.saved)
        if step.saved and not self._console.is_terminal:
            saved = self._bars.tasks[self._saved]
            if saved.completed % LINE_EVERY_SAVED == 0:
                self._console.print(f"saved {saved.completed:g} of {saved.total:g}")


def _problem(result: SubmissionResult) -> str:
    """Return what the instructor should know about a submission, in a few words; empty if all went well."""
    if result.fault:
        return "the grader failed on part of it"
    timed_out = [
        name
        for name, exercise in result.exercises.items()
        if any(check.status == "timeout" for check in exercise.checks)
    ]
    if timed_out:
        return f"timed out in {', '.join(timed_out)}"[:WIDTH]
    if not any(exercise.status != "not_started" for exercise in result.exercises.values()):
        return "there was nothing to grade"
    return ""
