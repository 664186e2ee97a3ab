"""The structure of a course: `course.yaml`, validated, and the checks of its exercises.

This includes everything about a check except its code: title and hint (from its docstring, read without running it),
visibility (from the folder of its file) and points (from `course.yaml` and `tests/claims.yaml`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from grader.course.lateness import LateRule
from grader.course.yaml_problems import SECONDS
from grader.wire.free import Free

COURSE_FILE = "course.yaml"
Visibility = Literal["visible", "hidden"]
Status = Literal["passed", "failed", "error", "timeout", "not_started", "skipped"]
"""The possible outcomes of a check."""
Points = float
Seconds = Annotated[float, msgspec.Meta(extra={"unit": SECONDS})]
DIGITS = 9
"""Decimal places of a sum of points, so that 0.33 + 0.33 + 0.34 is 1, and 41 - 12.3 is 28.7."""


def added(points: Iterable[Points]) -> Points:
    """Add up points, without the error that a sum of decimal fractions would have."""
    return round(math.fsum(points), DIGITS)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Time limits in seconds: for a call, for a call after one has timed out, for a check, and for a submission."""

    call: Seconds = 10.0
    after_timeout: Seconds = 1.0
    check: Seconds = 60.0
    submission: Seconds = 600.0


BuiltinsPolicy = Literal["note", "deduct", "forbid"]
"""What happens if a learner uses an operation that they were to write: `note` only mentions it in the report, `deduct`
leaves the share `Builtins.keep` of the score, and `forbid` leaves nothing."""


class Builtins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Built-in operations and modules that the exercise is to write, and what happens if a learner's code uses them."""

    names: list[str] = []
    policy: BuiltinsPolicy = "note"
    keep: float = 0.5


FeedbackLevel = Literal["category", "title", "message", "case"]
"""How much feedback shows of a hidden check that failed: the kind of failure; also title, hint and mistakes; also the
result; everything. `grader.failures.visible_to_student` says what that means for each kind of row."""


Difficulty = Literal["", "easy", "medium", "hard"]
Hints = Literal["free", "counted", "never"]
"""How a learner gets hints: freely; counted and shown with their progress; never."""
Solutions = Literal["after_pass", "always", "never"]
"""When a learner may see our answer: once their own has passed; at any time; never."""
Agents = Literal["tutor", "free", "none"]
"""What a release asks coding agents to do: explain and ask, but write no code; as the learner likes; nothing."""


class HiddenFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much feedback shows of hidden checks before and after the assignment's due date.

    Without a due date it is always `before_due`.
    """

    before_due: FeedbackLevel = "title"
    after_due: FeedbackLevel = "title"


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exercises that are handed out and collected together.

    `due` is the due date, if there is one. `late` is the penalty for handing in later; None means no penalty.
    """

    id: str
    exercises: list[str]
    due: datetime | None = None
    late: LateRule | None = None


class Track(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named selection of exercises; `title` says what it is for."""

    id: str
    title: str
    exercises: list[str]


class Minimum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The minimum numbers of mistakes and of styles that each exercise must have."""

    mistakes: int = 1
    styles: int = 0


class Milestone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the capstone can show once the exercise `after` has passed: what it is, and what to type."""

    after: str
    title: str
    command: str


class Capstone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The program that combines a learner's modules at the end of the course.

    `module` is a package or module next to `course.yaml`; `uses` lists the exercises whose modules it needs, and
    `milestones` what it can show on the way.
    """

    module: str
    uses: list[str]
    milestones: list[Milestone] = []


@dataclass(frozen=True)
class Check:
    """One check: a test function of an exercise, and what we know about it without running it.

    `id` is the function's name, unique within its exercise; `title` the first line of its docstring, a sentence that a
    learner can act on; `hint` the rest of the docstring; `golden` whether it asks for golden records; `law` the name of
    its law, if it has one; `source` its code, to find out what it mentions.
    """

    id: str
    exercise: str
    visibility: Visibility
    title: str
    hint: str
    points: Points
    path: Path
    line: int
    golden: bool
    law: str = ""
    source: str = ""

    @property
    def lists_parameters(self) -> bool:
        """Say whether it is about the names of a module's parameters."""
        return "expect_parameters(" in self.source

    def mentions(self, name: str) -> bool:
        """Say whether its code mentions a name."""
        return re.search(rf"\b{re.escape(name)}\b", self.source) is not None


@dataclass(frozen=True)
class Exercise:
    """One exercise and its checks: visible ones first, in the order of the files.

    `hidden_checks` counts the hidden ones, even in a release, which doesn't contain them. `hints` go from general to
    specific. `draft` says that its author is still working on it. `claims` are the ids of the checks that share points.
    `mistake_caps` are the largest shares of the exercise that single mistakes cost, if not the course's `mistake_cap`.
    `minutes` is how long it takes, about, with its lesson; 0 if nobody has said so.
    """

    id: str
    title: str
    book: str
    needs: tuple[str, ...]
    limits: Limits
    builtins: Builtins
    free: Free
    checks: tuple[Check, ...]
    hidden_checks: int = 0
    hints: tuple[str, ...] = ()
    draft: bool = False
    claims: tuple[tuple[str, ...], ...] = ()
    mistake_caps: Mapping[str, float] = field(default_factory=dict)
    minutes: int = 0
    difficulty: Difficulty = ""

    @property
    def max_score(self) -> Points:
        return added(check.points for check in self.checks)

    def check(self, check_id: str) -> Check:
        return next(check for check in self.checks if check.id == check_id)


@dataclass(frozen=True)
class Course:
    """A course and its files.

    `file` is the file that describes it, usually `course.yaml`. `hints` says how a learner gets hints,
    `shows_solutions` when they see our answer. `drafts` are the ids of the exercises that were left out because their
    authors are still working on them. `mistake_cap` is the largest share of an exercise that one known mistake costs.
    `boilerplate` are more folders with code that students may share, relative to the root. `all_of_it` is the course
    that this one is a part of; None if this is all of it. `tracks` are named selections of its exercises, and
    `default_tracks` the ids of those that count unless somebody chooses; without any, every exercise does.
    `has_assignments` says whether the file lists assignments; if not, each exercise is one. `agents` is what a release
    asks coding agents to do.
    """

    file: Path
    id: str
    title: str
    hidden_feedback: HiddenFeedback
    limits: Limits
    exercises: tuple[Exercise, ...]
    assignments: tuple[Assignment, ...] = ()
    hints: Hints = "free"
    shows_solutions: Solutions = "after_pass"
    capstone: Capstone | None = None
    minimum: Minimum = field(default_factory=Minimum)
    drafts: tuple[str, ...] = ()
    mistake_cap: float = 1.0
    boilerplate: tuple[str, ...] = ()
    all_of_it: Course | None = None
    tracks: tuple[Track, ...] = ()
    default_tracks: tuple[str, ...] = ()
    has_assignments: bool = False
    agents: Agents = "tutor"

    @property
    def root(self) -> Path:
        """The folder of the course's files."""
        return self.file.parent

    @property
    def whole(self) -> Course:
        """The course with all its exercises: what a part of it is graded with."""
        return self.all_of_it or self

    @property
    def stubs(self) -> Path:
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def has_solutions(self) -> bool:
        """Say whether the solutions are here; a student's copy has only the stand-ins."""
        return any((self.solutions / f"{exercise.id}.py").is_file() for exercise in self.exercises)

    @property
    def approaches(self) -> Path:
        """The folder of the pages that compare correct answers to an exercise; a course doesn't need it."""
        return self.solutions / "approaches"

    @property
    def standins(self) -> Path:
        return self.solutions / "standins"

    @property
    def questions(self) -> Path:
        """The folder of the questions about what code answers."""
        return self.check_folder("visible") / "questions"

    @property
    def golden(self) -> Path:
        return self.root / "tests" / "visible" / "golden"

    @property
    def facts(self) -> Path:
        """The folder of what is measured about a learner's module, a file per exercise; none are required."""
        return self.root / "tests" / "visible" / "facts"

    @property
    def pictures(self) -> Path:
        """The folder of the code that draws what a learner's module does, a file per exercise; none are required."""
        return self.root / "pictures"

    @property
    def figures(self) -> Path:
        """The folder of the lessons' pictures."""
        return self.stubs / "figures"

    @property
    def styles(self) -> Path:
        """The folder of correct answers in other styles, with a folder per exercise; a course doesn't need it."""
        return self.solutions / "styles"

    def cases(self, visibility: Visibility) -> Path:
        """Return the folder of the cases that distinguish mistakes."""
        return self.check_folder(visibility) / "cases"

    def feedback_level(
        self, exercise: str, now: datetime | None = None, extensions: Mapping[str, datetime] | None = None
    ) -> FeedbackLevel:
        """Return how much feedback shows of an exercise's hidden checks.

        Args:
            exercise: the exercise's id.
            now: the time; the current time by default.
            extensions: the reader's extended due dates, by assignment.
        """
        extended = extensions or {}
        due = next(
            (
                extended.get(assignment.id, assignment.due)
                for assignment in self.assignments
                if exercise in assignment.exercises
            ),
            None,
        )
        is_over = due is not None and (now or datetime.now(UTC)) >= due
        return self.hidden_feedback.after_due if is_over else self.hidden_feedback.before_due

    @cached_property
    def by_id(self) -> dict[str, Exercise]:
        return {exercise.id: exercise for exercise in self.exercises}

    def check_folder(self, visibility: Visibility) -> Path:
        return self.root / "tests" / visibility

    def check_files(self) -> Iterator[tuple[Exercise, Visibility, Path]]:
        """List the existing files with checks, in course order, visible ones first."""
        for exercise in self.exercises:
            for visibility in VISIBILITIES:
                path = self.check_folder(visibility) / f"test_{exercise.id}.py"
                if path.exists():
                    yield exercise, visibility, path

    @property
    def has_hidden_checks(self) -> bool:
        """Whether the files of hidden checks are in this copy."""
        return any(visibility == "hidden" for _, visibility, _ in self.check_files())

    def all_needs(self, exercise_id: str) -> tuple[str, ...]:
        """List the exercises that an exercise needs, directly or through others, in course order."""
        all_needs: set[str] = set()
        # A part of a course may leave out what its exercises need.
        whole = self.whole
        stack = list(whole.by_id[exercise_id].needs)
        while stack:
            needed = stack.pop()
            if needed not in all_needs:
                all_needs.add(needed)
                stack.extend(whole.by_id[needed].needs)
        return tuple(exercise.id for exercise in whole.exercises if exercise.id in all_needs)


VISIBILITIES: tuple[Visibility, Visibility] = ("visible", "hidden")
