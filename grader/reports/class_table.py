"""The table of a class, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from grader.course import Course
from grader.grading.final_score import is_adjusted
from grader.grading.results import ExerciseResult, Results, SubmissionResult
from grader.reports.roster import Roster
from grader.reports.score_in_words import in_points
from grader.text import printable

NOT_STARTED, ERROR, TOGETHER = "-", "!", "*"
"""The table's marks for an exercise that isn't started, couldn't run, or was graded with stand-ins."""
FOLDED = 12
"""If ids must be wrapped, the fewest characters of an id in a line."""
UNLIMITED_WIDTH = 10_000
"""Characters in which any table fits."""


@dataclass(frozen=True)
class ClassTable:
    """The table of a class: a line per submission, a column per exercise, and a legend below.

    If the terminal is too narrow for the exercises' names, the columns are numbered; if it is too narrow even for that,
    the exercises have no columns.
    """

    course: Course
    results: Results
    roster: Roster = field(default_factory=Roster)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it for a terminal."""
        ids = [exercise.id for exercise in self.course.exercises]
        numbers = [str(number) for number in range(1, len(ids) + 1)]
        meanings = _meanings(self.results)
        legend = ", ".join(f"{number} {exercise}" for number, exercise in zip(numbers, ids, strict=True))
        layouts = [
            ([exercise.replace("_", "\n") for exercise in ids], meanings, 0),
            (numbers, [f"{legend}.", *meanings], max(0, self._longest - FOLDED)),
        ]
        for heads, below, saved_by_wrapping in layouts:
            table = self._with_heads(heads)
            natural = Measurement.get(console, options.update(max_width=UNLIMITED_WIDTH), table).maximum
            if natural - saved_by_wrapping <= options.max_width:
                yield table
                yield from map(Text, below)
                return
        yield self._with_heads([])
        yield Text("The window is too narrow to show each exercise. Make it wider, or see results.json.")

    def _name(self, submission: SubmissionResult) -> str:
        """Return the names of those who handed in a submission, with its id if others have the same names, too."""
        names = self.roster.names(submission.id)
        return printable(names if self._counts[names] == 1 and names else self.roster.label(submission.id), 40)

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(self.roster.names(submission.id) for submission in self.results.submissions)

    @property
    def _longest(self) -> int:
        return max((len(self._name(submission)) for submission in self.results.submissions), default=0)

    def _with_heads(self, heads: Sequence[str]) -> Table:
        submissions = self.results.submissions
        title = Text(f"{self.course.title}: {len(submissions)} submissions")
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
        table.add_column("submission", overflow="fold", min_width=min(FOLDED, self._longest))
        for head in heads:
            table.add_column(head, justify="right", no_wrap=True)
        table.add_column("score", justify="right", no_wrap=True)
        changed = any(is_adjusted(submission) for submission in submissions)
        if changed:
            table.add_column("final", justify="right", no_wrap=True)
        for submission in submissions:
            cells = [_cell(submission.exercises[exercise.id]) for exercise in self.course.exercises] if heads else []
            total = f"{in_points(submission.score)}/{in_points(submission.max_score)}"
            final = [in_points(submission.final_score)] if changed else []
            table.add_row(Text(self._name(submission)), *cells, total, *final)
        return table


def _cell(result: ExerciseResult) -> Text:
    if result.status == "not_started":
        return Text(NOT_STARTED, style="dim")
    score = f"{in_points(result.score)}/{in_points(result.max_score)}"
    style = {"passed": "green", "error": "bold red"}.get(result.status, "red")
    return Text(f"{score}{ERROR if result.status == 'error' else ''}{TOGETHER if result.together else ''}", style=style)


def _meanings(results: Results) -> list[str]:
    """Explain the marks that occur in a class's table."""
    exercises = [result for submission in results.submissions for result in submission.exercises.values()]
    meanings = {
        f"{NOT_STARTED} not started": any(result.status == "not_started" for result in exercises),
        f"{ERROR} could not be run": any(result.status == "error" for result in exercises),
        f"{TOGETHER} tested with stand-ins, because it needs an exercise that is wrong or missing": any(
            result.together for result in exercises
        ),
    }
    return [meaning for meaning, occurs in meanings.items() if occurs]
