"""Statistics of a class: scores, common mistakes, hard checks, and checks that don't discriminate."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.course import Course, Visibility, added
from grader.grading.results import Results, SubmissionResult

BINS = 10
ENOUGH = 20
"""The fewest submissions for which a correlation is computed; with fewer, it is mostly chance."""
WEAK = 0.1
"""With a correlation below this, a check hardly distinguishes strong submissions from weak ones."""
MOST, MOST_OF_AN_EXERCISE = 12, 3
"""The most checks in a list, and the most that one exercise has in it."""
COMMON_SHARE, COMMON_COUNT = 0.2, 3
"""A mistake is worth time in class if at least this share, and this number, of students make it."""
NOT_TRIED = ("not_started", "skipped")


@dataclass(frozen=True)
class Item:
    """How the class did on a check.

    Attributes:
        tried: the number of submissions that it ran on, without those that haven't started the exercise.
        passed: how many of these passed it.
        discrimination: the correlation between passing it and the points of all other checks; None if there are too
            few submissions, or if all or none passed.
    """

    exercise: str
    title: str
    visibility: Visibility
    tried: int
    passed: int
    discrimination: float | None

    @property
    def difficulty(self) -> float:
        """The share that passed."""
        return self.passed / self.tried


@dataclass(frozen=True)
class Common:
    """A mistake, the students who make it, and the number of students who tried the exercise."""

    exercise: str
    name: str
    did: str
    students: tuple[str, ...]
    tried: int

    @property
    def sentence(self) -> str:
        """Say how common it is, and whether it is worth time in class."""
        count = len(self.students)
        often = count >= COMMON_COUNT and count >= COMMON_SHARE * self.tried
        advice = ": worth five minutes in the next class" if often else ""
        return f"{count} of the {self.tried} who tried it{advice}."


def graded(results: Results) -> list[SubmissionResult]:
    """List the submissions that count; if the grader itself failed, a score means nothing."""
    return [submission for submission in results.submissions if not submission.fault]


def histogram(results: Results) -> list[int]:
    """Count the submissions in each tenth of the points; full credit belongs to the last tenth."""
    counts = [0] * BINS
    for submission in graded(results):
        counts[min(BINS - 1, int(BINS * share(submission.score, submission.max_score)))] += 1
    return counts


def share(score: float, max_score: float) -> float:
    """Return the share of the points, between 0 and 1; 0 if there are no points."""
    return min(1.0, max(0.0, score / max_score)) if max_score else 0.0


def median(results: Results) -> float:
    """Return the median score; 0 if there are no submissions."""
    scores = [submission.score for submission in graded(results)]
    return statistics.median(scores) if scores else 0.0


def items(course: Course, results: Results) -> list[Item]:
    """Return the statistics of every check that was tried, in course order."""
    submissions = [(_points_of_all(submission), submission) for submission in graded(results)]
    statistics_of_checks = []
    for exercise in course.exercises:
        for number, check in enumerate(exercise.checks):
            ran = [
                (points, result)
                for points, submission in submissions
                for result in [submission.exercises[exercise.id].checks[number]]
                if result.status not in NOT_TRIED
            ]
            if ran:
                passed = [float(result.status == "passed") for _, result in ran]
                others = [added([points, -result.score]) for points, result in ran]
                statistics_of_checks.append(
                    Item(
                        exercise.id,
                        check.title,
                        check.visibility,
                        len(ran),
                        int(sum(passed)),
                        _correlation(passed, others),
                    )
                )
    return statistics_of_checks


def hardest(items: Sequence[Item]) -> list[Item]:
    """List the checks that the smallest share passed, the hardest first."""
    failed = [item for item in items if item.passed < item.tried]
    return _first(sorted(failed, key=lambda item: (item.difficulty, -item.tried)))


def weak(items: Sequence[Item]) -> list[Item]:
    """List the checks on which strong submissions do no better than weak ones."""
    low = [item for item in items if item.discrimination is not None and item.discrimination < WEAK]
    return _first(sorted(low, key=lambda item: item.discrimination or 0.0))


def _first(items: Sequence[Item]) -> list[Item]:
    """Keep the first few of each exercise: one mistake can fail many checks, which would fill the list."""
    seen: Counter[str] = Counter()
    kept = []
    for item in items:
        seen[item.exercise] += 1
        if seen[item.exercise] <= MOST_OF_AN_EXERCISE:
            kept.append(item)
    return kept[:MOST]


def common_mistakes(course: Course, results: Results) -> list[Common]:
    """List the mistakes that were diagnosed, the most common first."""
    mistakes = []
    for exercise in course.exercises:
        students_by_mistake: dict[str, list[str]] = {}
        did: dict[str, str] = {}
        tried = 0
        for submission in graded(results):
            checks = submission.exercises[exercise.id].checks
            tried += any(check.status not in NOT_TRIED for check in checks)
            made = {mistake.name: mistake.did for check in checks for mistake in check.mistakes}
            for name in sorted(made):
                students_by_mistake.setdefault(name, []).append(submission.id)
            did |= made
        mistakes += [
            Common(exercise.id, name, did[name], tuple(students), tried)
            for name, students in students_by_mistake.items()
        ]
    return sorted(mistakes, key=lambda mistake: (-len(mistake.students), mistake.exercise, mistake.name))


def _points_of_all(submission: SubmissionResult) -> float:
    return added(check.score for result in submission.exercises.values() for check in result.checks)


def _correlation(passed: Sequence[float], points: Sequence[float]) -> float | None:
    if len(passed) < ENOUGH or len(set(passed)) < 2 or len(set(points)) < 2:
        return None
    return statistics.correlation(passed, points)
