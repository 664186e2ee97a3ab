"""The structure of `results.json`: a class, its submissions, their exercises, and the outcome of each check.

`docs/results.md` describes these structures, and `docs/results.schema.json` is generated from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from grader import __version__
from grader.course import BuiltinsPolicy, Course, Status, Visibility
from grader.course.version import version_of, version_of_hidden_checks
from grader.failures.rows import Mistake, Row
from grader.grading.notices import FAULT, Notice, in_order
from grader.versions import python_version, torch_version

ExerciseStatus = Literal["passed", "failed", "not_started", "error"]
SCHEMA = 2


class CheckResult(msgspec.Struct, frozen=True):
    """The outcome of one check; `category`, `rows`, `mistakes` and `counterexample` are empty if it passed.

    `rows` describe the failure, each row of a kind; `mistakes` are the known mistakes that explain it.
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


class FailsTogether(msgspec.Struct, frozen=True):
    """The learner's own modules that an exercise fails with, although it passes with stand-ins for them.

    `modules` are the exercises that it fails with, `not_written` those that the learner hasn't written yet.
    """

    modules: list[str]
    not_written: list[str]


class BuiltinsUsed(msgspec.Struct, frozen=True):
    """The built-in operations that the learner's code used, although the exercise is about writing them.

    `policy` is the course's rule for that, and `share` the fraction of the score that it leaves.
    """

    names: list[str]
    policy: BuiltinsPolicy
    share: float


class ExerciseResult(msgspec.Struct, frozen=True):
    """One exercise.

    `together` is null unless the exercise was graded with stand-ins because it fails with the learner's own other
    modules; `builtins` is null unless the learner's code used built-in operations that the course lists. `remarks` say
    what the module imports but can't have, which statements at its top level were left out, and what failed in code
    that the exercise leaves free. `behavior` is empty unless no known mistake explains one of the failures: then it has
    three digests of what the code does, and two submissions that share one of them fail alike.
    """

    status: ExerciseStatus
    score: float
    max_score: float
    together: FailsTogether | None
    builtins: BuiltinsUsed | None
    checks: list[CheckResult]
    remarks: list[str] = []
    behavior: list[str] = []


class Lateness(msgspec.Struct, frozen=True):
    """An assignment that was handed in late.

    `due` is the learner's own due date, and `days` the number of days since, part of a day counted as a whole one.
    `share` is the fraction of the assignment's `max_score` to deduct, and `penalty` the points that were deducted,
    never more than the assignment scored. `closed` says that it was handed in too late to count.
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
    """A score that the instructor set for a check, an exercise or the total, which replaces the automatic one."""

    exercise: str | None
    check: str | None
    automatic: float
    score: float
    reason: str


class RubricItem(msgspec.Struct, frozen=True):
    """An item of the instructor's rubric that a submission was marked with.

    `points` are added to the score of `exercise`, or to the total if that is null; below 0, they are taken off. An item
    never takes a score below 0.
    """

    id: str
    exercise: str | None
    points: float
    text: str


class Question(msgspec.Struct, frozen=True):
    """A question that came with a submission, and the instructor's answer in Markdown; empty if there is none yet.

    `check` is what the student named, and empty if the question is about the whole exercise. `case` is the failing case
    that came with it, and `failure` what came out of it, as the student's computer wrote them.
    """

    id: str
    exercise: str
    check: str
    question: str
    case: str
    failure: list[str]
    answer: str

    @property
    def about(self) -> str:
        """What it is about, as answers in the marks name it."""
        return f"{self.exercise}.{self.check}" if self.check else self.exercise


class MemberResult(msgspec.Struct, frozen=True):
    """What is different for one member of a group: the final score, and what it is made of."""

    final_score: float
    late: list[Lateness]
    adjustments: list[Adjustment]
    items: list[RubricItem]
    comment: str


class SubmissionResult(msgspec.Struct, frozen=True):
    """One submission: `notes` are remarks about its files; `fault` is true if the grader itself failed.

    `score` is the score from the checks, and `final_score` the score after `adjustments`, `items` and `late`. `digest`
    is of the modules that were graded; `extensions` has this learner's extended due dates, by assignment.
    `members` has the members of a group for whom there are marks of their own.
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
    items: list[RubricItem] = []
    questions: list[Question] = []
    members: dict[str, MemberResult] = {}

    @property
    def remarks(self) -> list[str]:
        """All remarks, each once: about the files, then about what is in them."""
        inside = [remark for result in self.exercises.values() for remark in result.remarks]
        return list(dict.fromkeys([*self.notes, *inside]))


class GradedVersion(msgspec.Struct, frozen=True):
    """The version of the course that was graded: digests of `course.yaml` and of its checks.

    The first two are those in the manifest of an archive that `grader hand-in` made. Digests don't depend on how lines
    end. `hidden_checks` is empty if the course has none.
    """

    course_file: str
    visible_checks: str
    hidden_checks: str


class CourseInfo(msgspec.Struct, frozen=True):
    """The course that was graded, its version, and the versions of the grader, of its Python and of its torch.

    `version` is null only in results of a grader that didn't write it yet.
    """

    id: str
    title: str
    grader: str
    python: str = ""
    torch: str = ""
    version: GradedVersion | None = None

    @property
    def graded_with(self) -> str:
        """Say which versions graded; empty if they are not known."""
        return f"Graded with Python {self.python} and torch {self.torch}." if self.python and self.torch else ""


class Results(msgspec.Struct, frozen=True):
    """Everything in `results.json`; `notices` is the list of what the instructor should look at."""

    schema: int
    course: CourseInfo
    submissions: list[SubmissionResult]
    notices: list[Notice] = []


def results(course: Course, submissions: Sequence[SubmissionResult], notices: Sequence[Notice] = ()) -> Results:
    """Combine the submissions' results, in the order of their ids, and what the instructor should look at."""
    files = version_of(course)
    version = GradedVersion(files.course_file, files.visible_checks, version_of_hidden_checks(course))
    info = CourseInfo(course.id, course.title, __version__, python_version(), torch_version(), version)
    by_id = sorted(submissions, key=lambda submission: submission.id)
    faults = [Notice(FAULT, submission.id, "not_graded") for submission in by_id if submission.fault]
    not_run = [
        Notice(text, submission.id)
        for submission in by_id
        for name, exercise in submission.exercises.items()
        if not submission.fault and (text := _why_not_run(name, exercise))
    ]
    return Results(SCHEMA, info, by_id, in_order([*faults, *notices, *not_run]))


def _why_not_run(name: str, exercise: ExerciseResult) -> str:
    """Say why an exercise could not be run at all because of the learner's code; empty if it could."""
    failures = [check for check in exercise.checks if check.category]
    if exercise.status != "error" or not failures:
        return ""
    reasons = [line for row in failures[0].rows if row.kind == "raised" for line in row.lines]
    reason = f" ({reasons[0]})" if reasons else ""
    return f"{name} could not be run: {failures[0].category}{reason}. See the student's feedback page."


def schema_text() -> str:
    """Write the JSON Schema of `results.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Results)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=1).decode() + "\n"
