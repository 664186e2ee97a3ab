"""The kill matrix: which checks see which mistakes of the catalogue, and what follows from that for a course.

A check is worth what it has been shown to reject, and a mistake should be told by the check that is about it. Both are
computed here: every mistake and every right answer of an exercise is judged by all of the exercise's checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.course import Course, Exercise, Minimum, Visibility
from grader.course.mistakes import Misconception, misconceptions, right_answers, with_misconception
from grader.grading import GraderPool, GradingOptions, Submission
from grader.grading.results import SubmissionResult

VISIBLE_SHARE = 0.8
TRUSTED = GradingOptions("off", trusted=True, diagnosing=False)
"""How graders work for a matrix: the code is our own, and only whether a check passes counts."""


@dataclass(frozen=True)
class Row:
    """One mistake, and the ids of the checks that fail on it, in the order in which failures are told."""

    misconception: Misconception
    failed: tuple[str, ...]

    @property
    def first(self) -> str:
        """The check that speaks first; empty where none does."""
        return self.failed[0] if self.failed else ""


@dataclass(frozen=True)
class Matrix:
    """The mistakes of an exercise against its checks.

    Attributes:
        exercise: the exercise; its checks are the columns.
        rows: a row for each mistake, in the order of the catalogue.
        right: for each right answer the ids of the checks that reject it, which should be none.
        styles: how many of the right answers are written in other styles.
        minimum: how many mistakes and styles the course asks for.
    """

    exercise: Exercise
    rows: tuple[Row, ...]
    right: dict[str, tuple[str, ...]]
    styles: int
    minimum: Minimum

    def seen(self, row: Row, visibility: Visibility) -> int:
        """Count the checks of this visibility that fail on a mistake."""
        return sum(self.exercise.check(check).visibility == visibility for check in row.failed)

    def unseen(self, visibility: Visibility) -> list[str]:
        """Name the mistakes that no check of this visibility sees."""
        return [row.misconception.name for row in self.rows if not self.seen(row, visibility)]

    def missed(self) -> list[str]:
        """Name the mistakes that the check that is about them does not see."""
        return [row.misconception.name for row in self.rows if row.misconception.check not in row.failed]

    def spoken_over(self) -> list[str]:
        """Name the mistakes of which another check speaks first, for no reason that the catalogue gives."""
        found = [row for row in self.rows if row.first != row.misconception.check and not row.misconception.preceded]
        return [row.misconception.name for row in found]

    def idle(self) -> list[str]:
        """Name the checks that see no mistake."""
        busy = {check for row in self.rows for check in row.failed}
        return [check.id for check in self.exercise.checks if check.id not in busy]

    def rejected(self) -> list[str]:
        """Name the right answers that are rejected, with the checks that do so."""
        return [f"{name} (by {', '.join(checks)})" for name, checks in self.right.items() if checks]

    def _with_checks(self, mistake: str) -> str:
        """Name a mistake, its own check, and the one that speaks first."""
        row = next(row for row in self.rows if row.misconception.name == mistake)
        return f"{mistake} ({row.first or 'no check'} fails first, it is about {row.misconception.check})"

    def broken(self) -> list[str]:
        """Say which rules do not hold, a sentence each, with names."""
        found = []
        if len(self.rows) < self.minimum.mistakes:
            found.append(f"Too few mistakes: {len(self.rows)}, and the course asks for {self.minimum.mistakes}.")
        rules = [
            ("Not seen by a hidden check", self.unseen("hidden")),
            ("Not seen by the check that is about it", [self._with_checks(name) for name in self.missed()]),
            ("Another check speaks first", [self._with_checks(name) for name in self.spoken_over()]),
            ("Checks that see no mistake", self.idle()),
            ("Right answers that are rejected", self.rejected()),
        ]
        found += [f"{rule}: {', '.join(names)}." for rule, names in rules if names]
        unseen = self.unseen("visible")
        if len(unseen) > (1 - VISIBLE_SHARE) * len(self.rows):
            found.append(f"Too many that no visible check sees: {', '.join(unseen)}.")
        if self.styles < self.minimum.styles:
            few = f"{self.styles}, and the course asks for {self.minimum.styles}"
            found.append(f"Too few right answers in other styles: {few}.")
        return found


def compute(
    course: Course,
    exercises: Sequence[str],
    jobs: int | None = None,
    done: Callable[[str], None] = lambda name: None,
) -> list[Matrix]:
    """Judge all mistakes and right answers of some exercises.

    Args:
        course: the course; its catalogue and styles are its authors' own code, and are trusted.
        exercises: the exercises' ids.
        jobs: how many judges work side by side; one per core by default.
        done: called with the name of each mistake or right answer once it is judged.
    """
    with GraderPool(course, jobs, TRUSTED) as graders:
        return [compute_one(course, course.by_id[exercise], graders, done) for exercise in exercises]


def compute_one(
    course: Course, exercise: Exercise, graders: GraderPool, done: Callable[[str], None] = lambda name: None
) -> Matrix:
    """Judge all mistakes and right answers of one exercise with graders that work as `TRUSTED` says; see `compute`."""
    graded = graders.grade(_submissions(course, exercise.id), lambda result: done(result.id))
    return _matrix(course, exercise, {result.id: result for result in graded})


def alone(course: Course, exercise: str, name: str, text: str) -> Submission:
    """Make a submission of one module with that module's checks alone.

    Under it are the solutions of what it needs, or stand-ins in a student's copy, where there are no solutions.
    """
    under = course.solutions if course.has_solutions else course.standins
    needed = {need: (under / f"{need}.py").read_bytes() for need in course.all_needs(exercise)}
    checks = frozenset(check.id for check in course.by_id[exercise].checks)
    return Submission(name, needed | {exercise: text.encode()}, (), checks)


def not_passed(result: SubmissionResult, exercise: str) -> tuple[str, ...]:
    """List the ids of the checks of an exercise that were run and did not pass."""
    checks = result.exercises[exercise].checks
    return tuple(check.id for check in checks if check.status not in ("passed", "skipped"))


def _submissions(course: Course, exercise: str) -> list[Submission]:
    texts = {
        _mistaken(exercise, mistake): with_misconception(course, exercise, mistake)
        for mistake in misconceptions(course, exercise)
    }
    texts |= _right_texts(course, exercise)
    return [alone(course, exercise, name, text) for name, text in texts.items()]


def _right_texts(course: Course, exercise: str) -> dict[str, str]:
    return {
        path.relative_to(course.root).as_posix(): path.read_text(encoding="utf-8")
        for path in right_answers(course, exercise)
    }


def _mistaken(exercise: str, mistake: Misconception) -> str:
    return f"{exercise}: {mistake.name}"


def _matrix(course: Course, exercise: Exercise, found: dict[str, SubmissionResult]) -> Matrix:
    rows = tuple(
        Row(mistake, not_passed(found[_mistaken(exercise.id, mistake)], exercise.id))
        for mistake in misconceptions(course, exercise.id)
    )
    right = {name: not_passed(found[name], exercise.id) for name in _right_texts(course, exercise.id)}
    count = sum(1 for _ in (course.styles / exercise.id).glob("*.py"))
    return Matrix(exercise, rows, right, count, course.minimum)
