"""Wrong answers: two students who gave the same rare one say more than two who gave the same right one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from grader.grading.results import CheckResult, Results
from grader.reports.likeness.common import many

_ANSWERS = ("got", "raised")
"""The rows with what the student's code gave. The calls are left out: they show the student's own names."""


@dataclass(frozen=True)
class Wrong:
    """What is wrong about an answer.

    Attributes:
        results: for each check that failed, its id and the wrong results; empty if a check gave none.
        mistakes: what the student did, by the names of the known mistakes.
    """

    results: frozenset[tuple[str, tuple[str, ...]]]
    mistakes: Mapping[str, str]


class WrongAnswers:
    """The wrong answers of a class in an exercise.

    Args:
        results: the results of the class; None if they aren't known.
        exercise: the exercise's id.
    """

    def __init__(self, results: Results | None, exercise: str) -> None:
        submissions = () if results is None else results.submissions
        self._answers = {
            submission.id: _wrong(submission.exercises[exercise].checks)
            for submission in submissions
            if exercise in submission.exercises
        }
        self._many = many(len(self._answers))
        self._results = Counter(wrong.results for wrong in self._answers.values() if wrong.results)
        self._mistakes = Counter(name for wrong in self._answers.values() for name in wrong.mistakes)

    def same(self, first: str, second: str) -> tuple[str, bool]:
        """Return the same rare wrong answer of two students, in words, and whether no known mistake explains it.

        Empty if they have none. What many students got wrong alike isn't rare.
        """
        if first not in self._answers or second not in self._answers:
            return "", False
        answer, other = self._answers[first], self._answers[second]
        rare = [name for name in answer.mistakes if name in other.mistakes and self._mistakes[name] < self._many]
        made = "; ".join(answer.mistakes[name].rstrip(".") for name in rare)
        if answer.results and answer.results == other.results and self._results[answer.results] < self._many:
            count = len(answer.results)
            checks = f"the same wrong results in {count} check{'s' if count > 1 else ''}"
            return f"{checks} ({made})" if made else checks, not answer.mistakes
        return (f"the same rare mistake ({made})" if made else ""), False


def _wrong(checks: list[CheckResult]) -> Wrong:
    failed = [check for check in checks if check.status == "failed"]
    results = [(check.id, _answer(check)) for check in failed]
    mistakes = {mistake.name: mistake.did for check in checks for mistake in check.mistakes}
    return Wrong(frozenset(results if all(answer for _, answer in results) else ()), mistakes)


def _answer(check: CheckResult) -> tuple[str, ...]:
    """Return a wrong result; empty if the check failed without one."""
    lines = [line for row in check.rows if row.kind in _ANSWERS for line in (row.kind, *row.lines)]
    return tuple(lines) if any(row.kind == "got" and row.lines for row in check.rows) else ()
