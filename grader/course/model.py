"""The course: `course.yaml`, validated, and the checks that its exercises have.

Everything about a check that is not its code is found here: its title and hint (from its docstring, read without
running it), its visibility (from the folder it lies in), its points (from `course.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from grader.course.lateness import LateRule

COURSE_FILE = "course.yaml"
Visibility = Literal["visible", "hidden"]
Status = Literal["passed", "failed", "error", "timeout", "not_started", "skipped"]
"""What can become of a check."""
Points = float


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds for a call, for a call after one has timed out, for a check, and for a whole submission."""

    call: float = 10.0
    after_timeout: float = 1.0
    check: float = 60.0
    submission: float = 600.0


BuiltinsPolicy = Literal["note", "deduct", "forbid"]
"""What happens if a learner uses an operation that they were to write: `note` only mentions it in the report, `deduct`
leaves the share `Builtins.keep` of the score, and `forbid` leaves nothing."""


class Builtins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Built-in operations and modules that the exercise is to write, and what happens if a learner's code uses them."""

    names: list[str] = []
    policy: BuiltinsPolicy = "note"
    keep: float = 0.5


FeedbackLevel = Literal["category", "title", "message", "case"]
"""How much is told of a hidden check that failed: the kind of failure; title, hint and mistakes as well; what came of
it too; everything. `grader.failures.visible_to_student` says what that means for each kind of row."""


HINTS = ("free", "counted", "never")
"""How a learner gets hints: as they like; counted, and shown with their progress; not at all."""
SOLUTIONS = ("after_pass", "always", "never")
"""When a learner may see an answer: once their own has passed; at any time; not at all."""


class HiddenFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is told of hidden checks until the assignment is due, or always where it never is, and after that."""

    before_due: FeedbackLevel = "title"
    after_due: FeedbackLevel = "title"


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exercises that are handed out and collected together, until `due` where it is not None.

    `late` says what handing in later costs; where it is None, nothing.
    """

    id: str
    exercises: list[str]
    due: datetime | None = None
    late: LateRule | None = None


class Minimum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many mistakes and how many right answers in other styles each exercise must have, at the least."""

    mistakes: int = 1
    styles: int = 0


class Capstone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a learner's modules are put together into at the end.

    `module` is a package or module beside `course.yaml`; `uses` names the exercises whose modules it asks for.
    """

    module: str
    uses: list[str]


@dataclass(frozen=True)
class Check:
    """One check: a test function of an exercise, and what is known of it without running it.

    `id` is the function's name, unique within its exercise; `title` the first line of its docstring, a sentence that a
    learner can act on; `hint` the rest of the docstring; `golden` whether it asks for recorded values; `law` the name
    of the law that it is made of, if it is.
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


@dataclass(frozen=True)
class Exercise:
    """One exercise and its checks, visible ones first, in the order of the files.

    `hidden_checks` counts the hidden ones, also in a release, which does not hold them. `hints` go from the general to
    the particular. `draft` says that its author is still at work on it.
    """

    id: str
    title: str
    book: str
    needs: tuple[str, ...]
    limits: Limits
    builtins: Builtins
    checks: tuple[Check, ...]
    hidden_checks: int = 0
    hints: tuple[str, ...] = ()
    draft: bool = False

    @property
    def max_score(self) -> Points:
        return sum(check.points for check in self.checks)

    def check(self, check_id: str) -> Check:
        return next(check for check in self.checks if check.id == check_id)


@dataclass(frozen=True)
class Course:
    """A course and where its files lie.

    `hints` and `shows_solutions` are of `HINTS` and `SOLUTIONS`. `drafts` are the ids of the exercises that were left
    out because their authors are still at work on them.
    """

    root: Path
    id: str
    title: str
    hidden_feedback: HiddenFeedback
    limits: Limits
    exercises: tuple[Exercise, ...]
    assignments: tuple[Assignment, ...] = ()
    hints: str = "free"
    shows_solutions: str = "after_pass"
    capstone: Capstone | None = None
    minimum: Minimum = field(default_factory=Minimum)
    drafts: tuple[str, ...] = ()

    @property
    def stubs(self) -> Path:
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def has_solutions(self) -> bool:
        """Say whether the answers are at hand; a student's copy has the stand-ins alone."""
        return any((self.solutions / f"{exercise.id}.py").is_file() for exercise in self.exercises)

    @property
    def approaches(self) -> Path:
        """Where the pages lie that compare right answers to an exercise; a course need not have them."""
        return self.solutions / "approaches"

    @property
    def standins(self) -> Path:
        return self.solutions / "standins"

    @property
    def golden(self) -> Path:
        return self.root / "tests" / "visible" / "golden"

    @property
    def pictures(self) -> Path:
        """Where that lies which draws what a learner's module does, a file for each exercise; none need be there."""
        return self.root / "pictures"

    @property
    def figures(self) -> Path:
        """Where the pictures of the lessons lie."""
        return self.stubs / "figures"

    @property
    def styles(self) -> Path:
        """Where right answers in other styles lie, a folder for each exercise; a course need not have them."""
        return self.solutions / "styles"

    def cases(self, visibility: Visibility) -> Path:
        """Return the folder of the cases with which mistakes are told apart."""
        return self.check_folder(visibility) / "cases"

    def feedback_level(
        self, exercise: str, now: datetime | None = None, extensions: Mapping[str, datetime] | None = None
    ) -> FeedbackLevel:
        """Say how much is told of an exercise's hidden checks, at a time or now.

        Args:
            exercise: its id.
            now: the time.
            extensions: until when the reader may hand in, by assignment, where that is not its due date.
        """
        moved = extensions or {}
        due = next((moved.get(one.id, one.due) for one in self.assignments if exercise in one.exercises), None)
        over = due is not None and (now or datetime.now(UTC)) >= due
        return self.hidden_feedback.after_due if over else self.hidden_feedback.before_due

    @cached_property
    def by_id(self) -> dict[str, Exercise]:
        return {exercise.id: exercise for exercise in self.exercises}

    def check_folder(self, visibility: Visibility) -> Path:
        return self.root / "tests" / visibility

    def check_files(self) -> Iterator[tuple[Exercise, Visibility, Path]]:
        """List the files with checks that exist, in course order, visible ones first."""
        for exercise in self.exercises:
            for visibility in VISIBILITIES:
                path = self.check_folder(visibility) / f"test_{exercise.id}.py"
                if path.exists():
                    yield exercise, visibility, path

    def all_needs(self, exercise_id: str) -> tuple[str, ...]:
        """List what an exercise needs, directly or through others, in course order."""
        found: set[str] = set()
        stack = list(self.by_id[exercise_id].needs)
        while stack:
            needed = stack.pop()
            if needed not in found:
                found.add(needed)
                stack.extend(self.by_id[needed].needs)
        return tuple(exercise.id for exercise in self.exercises if exercise.id in found)


VISIBILITIES: tuple[Visibility, Visibility] = ("visible", "hidden")
