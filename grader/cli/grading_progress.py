"""What one sees while a class is graded: a bar with rate and time left on a terminal, plain lines elsewhere."""

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

EACH = 25
"""Submissions after which progress is told where there is no terminal, in a class larger than that."""
EACH_SAVED = 10
"""The same, of submissions that are saved with nbgrader."""
WIDTH = 70


class GradingProgress:
    """Tells of each submission that is done.

    Args:
        console: where it is told.
        quiet: tell nothing.
    """

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console, self._quiet = console, quiet
        self.count = self.done = self.known = 0
        self._last_trouble = ""
        self._start = time.monotonic()
        columns = [
            TextColumn("graded"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[trouble]}", style="yellow"),
        ]
        self._bar = Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True)
        self._task: TaskID = self._bar.add_task("graded", total=None, rate="", trouble="", visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, count: int) -> None:
        """Show that so many submissions are to be graded."""
        self.count = count
        self._bar.update(self._task, total=count, visible=True)

    def tell(self, result: SubmissionResult, known: bool) -> None:
        """Tell of a result; `known` says that it is from an earlier run."""
        self.done += 1
        self.known += known
        trouble = _trouble(result)
        self._last_trouble = escape(trouble) or self._last_trouble
        self._bar.update(self._task, advance=1, rate=self._rate(), trouble=self._last_trouble)
        if self._quiet or self._console.is_terminal:
            return
        if self.count <= EACH:
            word = "known" if known else "graded"
            self._print(f"{word} {result.id}: {result.score:g} of {result.max_score:g}")
        elif self.done % EACH == 0 or self.done == self.count:
            self._print(f"graded {self.done} of {self.count}, {self._rate() or 'all known'}")
        if trouble:
            self._print(trouble)

    def _rate(self) -> str:
        graded, seconds = self.done - self.known, time.monotonic() - self._start
        return f"{60 * graded / seconds:.0f} a minute" if graded and seconds > 0 else ""

    def _print(self, text: str) -> None:
        self._console.print(escape(printable(text, 200)))


class SavingProgress:
    """Tells of submissions that are graded and saved with nbgrader: two bars on a terminal, plain lines elsewhere.

    Args:
        console: where it is told.
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
        """Show that so many submissions are to be graded and saved."""
        for task in (self._graded, self._saved):
            self._bars.update(task, total=count)

    def tell(self, step: Step) -> None:
        """Tell of a step: a sentence, or one more submission that is graded or saved."""
        if step.text:
            self._console.print(escape(step.text))
        self._bars.advance(self._graded, step.graded)
        self._bars.advance(self._saved, step.saved)
        if step.saved and not self._console.is_terminal:
            saved = self._bars.tasks[self._saved]
            if saved.completed % EACH_SAVED == 0:
                self._console.print(f"saved {saved.completed:g} of {saved.total:g}")


def _trouble(result: SubmissionResult) -> str:
    """Say in a line what whoever grades should know of a submission; nothing where all went well."""
    if result.fault:
        return f"{printable(result.id, 30)}: the grader failed on a part of it"
    stuck = [name for name, one in result.exercises.items() if any(check.status == "timeout" for check in one.checks)]
    if stuck:
        return f"{printable(result.id, 30)}: {', '.join(stuck)} does not come back"[:WIDTH]
    if not any(one.status != "not_started" for one in result.exercises.values()):
        return f"{printable(result.id, 30)}: nothing to grade"
    return ""
