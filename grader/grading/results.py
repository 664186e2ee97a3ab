"""What `results.json` holds: a class, its submissions, their exercises, and what became of each check.

`docs/results.md` describes these structures, `docs/results.schema.json` is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from grader import __version__
from grader.course import Course, Status, Visibility
from grader.failures.rows import Mistake, Row

ExerciseStatus = Literal["passed", "failed", "not_started", "error"]
SCHEMA = 2


class CheckResult(msgspec.Struct, frozen=True):
    """What became of one check; `category`, `rows`, `mistakes` and `counterexample` are empty if it passed.

    `rows` say what came of it, each row of a kind; `mistakes` are the known mistakes that explain it.
    """

    id: str
    title: str
    visibility: Visibility
    status: Status
    points: float
    score: float
    category: str
    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]
    counterexample: str


class ExerciseResult(msgspec.Struct, frozen=True):
    """One exercise.

    `together` says where it is right in itself, but not over the learner's own other modules; `builtins` which
    operations that are the exercise itself its code used, and what follows from that.
    """

    status: ExerciseStatus
    score: float
    max_score: float
    together: str
    builtins: str
    checks: list[CheckResult]


class Lateness(msgspec.Struct, frozen=True):
    """An assignment that was handed in late.

    `due` is the learner's own due date, `days` how many were begun since, `share` which share of the assignment's
    `max_score` that costs, and `penalty` the points that it took, never more than there were; `closed` says that it
    came too late to count.
    """

    assignment: str
    due: datetime
    handed_in: datetime
    days: int
    share: float
    max_score: float
    penalty: float
    closed: bool


class Adjustment(msgspec.Struct, frozen=True):
    """A score that the instructor set, of a check, an exercise or everything, in the place of the automatic one."""

    exercise: str | None
    check: str | None
    automatic: float
    score: float
    reason: str


class SubmissionResult(msgspec.Struct, frozen=True):
    """One submission: `notes` are remarks on what was given; `fault` is true where the grader itself failed.

    `score` is what the checks gave; `final_score` what is left after `adjustments` and `late`. `digest` is that of the
    modules that were graded; `extensions` holds until when this learner may hand in, by assignment.
    """

    id: str
    digest: str
    score: float
    max_score: float
    final_score: float
    late: list[Lateness]
    extensions: dict[str, datetime]
    adjustments: list[Adjustment]
    comment: str
    sandboxed: bool
    fault: bool
    notes: list[str]
    exercises: dict[str, ExerciseResult]


class CourseInfo(msgspec.Struct, frozen=True):
    """Which course was graded, by which grader."""

    id: str
    title: str
    grader: str


class Results(msgspec.Struct, frozen=True):
    """All that `results.json` holds."""

    schema: int
    course: CourseInfo
    submissions: list[SubmissionResult]


def results(course: Course, submissions: Sequence[SubmissionResult]) -> Results:
    """Put the submissions' results together, in the order of their ids."""
    info = CourseInfo(course.id, course.title, __version__)
    return Results(SCHEMA, info, sorted(submissions, key=lambda submission: submission.id))


def schema_text() -> str:
    """Write the JSON Schema of `results.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Results)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=1).decode() + "\n"
