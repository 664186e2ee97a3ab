"""The kill matrix: which checks see which mistakes of the catalog, and what follows from that for a course.

A check is only worth something if it rejects mistakes, and each mistake should be reported by the check that it belongs
to. The matrix shows both: it runs every mistake and every right answer of an exercise against all of its checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.course import Course, Exercise, Minimum, Visibility
from grader.course.mistakes import Misconception, misconceptions, right_answers, with_misconception
from grader.failures.rows import OTHER_NAMES
from grader.grading import GraderPool, GradingOptions, Submission
from grader.grading.results import SubmissionResult

VISIBLE_SHARE = 0.8
TRUSTED = GradingOptions("off", trusted=True, diagnosing=False)
"""How to grade for a matrix: the code is trusted, and only whether a check passes matters."""


@dataclass(frozen=True)
class Row:
    """One mistake, and what the checks make of it.

    Attributes:
        misconception: the mistake.
        failed: the ids of the checks that fail on it, in the order in which a report lists them.
        diff: the mistake as a change to the solution.
        is_a_name: whether it counts as another name: then only the check about names fails.
    """

    misconception: Misconception
    failed: tuple[str, ...]
    diff: str
    is_a_name: bool = False

    @property
    def first(self) -> str:
        """The first check that fails; empty if none does."""
        return self.failed[0] if self.failed else ""


@dataclass(frozen=True)
class Matrix:
    """The mistakes of an exercise against its checks.

    Attributes:
        exercise: the exercise; its checks are the columns.
        rows: a row for each mistake, in the order of the catalog.
        right: for each right answer, the ids of the checks that reject it; there should be none.
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
        """List the mistakes on which no check of this visibility fails."""
        return [row.misconception.name for row in self.rows if not self.seen(row, visibility)]

    def names(self) -> list[str]:
        """List the mistakes that count as other names."""
        return [row.misconception.name for row in self.rows if row.is_a_name]

    def missed(self) -> list[str]:
        """List the mistakes on which their own check doesn't fail."""
        return [row.misconception.name for row in self.rows if row.misconception.check not in row.failed]

    def spoken_over(self) -> list[str]:
        """List the mistakes on which another check fails first although the catalog gives no reason for it."""
        rows = [row for row in self.rows if row.first != row.misconception.check and not row.misconception.preceded]
        return [row.misconception.name for row in rows]

    def idle(self) -> list[str]:
        """List the checks that no mistake fails."""
        useful = {check for row in self.rows for check in row.failed}
        return [check.id for check in self.exercise.checks if check.id not in useful]

    def rejected(self) -> list[str]:
        """List the right answers that are rejected, each with the checks that reject it."""
        return [f"{name} (by {', '.join(checks)})" for name, checks in self.right.items() if checks]

    def _with_checks(self, mistake: str) -> str:
        """Name a mistake, its own check, and the first check that fails."""
        row = next(row for row in self.rows if row.misconception.name == mistake)
        return f"{mistake} ({row.first or 'no check'} fails first; it belongs to {row.misconception.check})"

    def broken(self) -> list[str]:
        """Describe each broken rule in a sentence, with names."""
        sentences = []
        if len(self.rows) < self.minimum.mistakes:
            sentences.append(f"Too few mistakes: {len(self.rows)}; the course asks for {self.minimum.mistakes}.")
        rules = [
            ("Missed by every hidden check", [name for name in self.unseen("hidden") if name not in self.names()]),
            ("Missed by the check that it belongs to", [self._with_checks(name) for name in self.missed()]),
            ("Another check fails first", [self._with_checks(name) for name in self.spoken_over()]),
            ("Checks that no mistake fails", self.idle()),
            ("Right answers that were rejected", self.rejected()),
        ]
        sentences += [f"{rule}: {', '.join(names)}." for rule, names in rules if names]
        unseen = self.unseen("visible")
        if len(unseen) > (1 - VISIBLE_SHARE) * len(self.rows):
            sentences.append(f"Too many mistakes that every visible check misses: {', '.join(unseen)}.")
        if self.styles < self.minimum.styles:
            few = f"{self.styles}; the course asks for {self.minimum.styles}"
            sentences.append(f"Too few right answers in other styles: {few}.")
        return sentences


def compute(
    course: Course,
    exercises: Sequence[str],
    jobs: int | None = None,
    done: Callable[[str], None] = lambda name: None,
) -> list[Matrix]:
    """Run the checks on all mistakes and right answers of some exercises.

    Args:
        course: the course; its authors wrote its catalog and styles, so their code is trusted.
        exercises: the exercises' ids.
        jobs: the number of grader processes; one per core by default.
        done: called with the name of each mistake or right answer when its checks have run.
    """
    with GraderPool(course, jobs, TRUSTED) as graders:
        return [compute_one(course, course.by_id[exercise], graders, done) for exercise in exercises]


def compute_one(
    course: Course, exercise: Exercise, graders: GraderPool, done: Callable[[str], None] = lambda name: None
) -> Matrix:
    """Run the checks on all mistakes and right answers of one exercise; `graders` have the options `TRUSTED`."""
    graded = graders.grade(_submissions(course, exercise.id), lambda result: done(result.id))
    return _matrix(course, exercise, {result.id: result for result in graded})


def alone(course: Course, exercise: str, name: str, text: str) -> Submission:
    """Make a submission of one module, to be graded by that module's checks only.

    The modules that it needs are solutions, or stand-ins in a student's copy, which has no solutions.
    """
    under = course.solutions if course.has_solutions else course.standins
    needed = {need: (under / f"{need}.py").read_bytes() for need in course.all_needs(exercise)}
    checks = frozenset(check.id for check in course.by_id[exercise].checks)
    return Submission(name, needed | {exercise: text.encode()}, (), checks)


def not_passed(result: SubmissionResult, exercise: str) -> tuple[str, ...]:
    """List the ids of the checks of an exercise that were run and did not pass."""
    checks = result.exercises[exercise].checks
    return tuple(check.id for check in checks if check.status not in ("passed", "skipped"))


def _is_a_name(result: SubmissionResult, exercise: str) -> bool:
    failed = [check for check in result.exercises[exercise].checks if check.status not in ("passed", "skipped")]
    return len(failed) == 1 and failed[0].category == OTHER_NAMES


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


def _matrix(course: Course, exercise: Exercise, results: dict[str, SubmissionResult]) -> Matrix:
    solution = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
    rows = tuple(
        Row(mistake, not_passed(result, exercise.id), mistake.as_diff(solution), _is_a_name(result, exercise.id))
        for mistake in misconceptions(course, exercise.id)
        for result in [results[_mistaken(exercise.id, mistake)]]
    )
    right = {name: not_passed(results[name], exercise.id) for name in _right_texts(course, exercise.id)}
    count = sum(1 for _ in (course.styles / exercise.id).glob("*.py"))
    return Matrix(exercise, rows, right, count, course.minimum)
