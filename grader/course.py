"""The course: `course.yaml`, validated, and the checks that its exercises have.

Everything about a check that is not its code is found here: its title and hint (from its docstring, read without
running it), its visibility (from the folder it lies in), its points (from `course.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from grader.check_file import read_checks
from grader.errors import CourseError
from grader.late import LateRule
from grader.yaml_file import YamlFile

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


class Builtins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Operations and modules that are the exercise itself, and what follows where a learner's code uses them.

    `note`: full marks, said in the report; `deduct`: the share `keep` of the score; `forbid`: none of it.
    """

    names: list[str] = []
    policy: Literal["note", "deduct", "forbid"] = "note"
    keep: float = 0.5


Telling = Literal["category", "title", "message", "case"]
"""How much is told of a hidden check that failed: the kind of failure; title, hint and diagnosis as well; what was
called and came too; everything."""


HINTS = ("free", "counted", "never")
"""How a learner gets hints: as they like; counted, and shown with their progress; not at all."""
SOLUTIONS = ("after_pass", "always", "never")
"""When a learner may see an answer: once their own has passed; at any time; not at all."""


class HiddenFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is told of hidden checks until the assignment is due, or always where it never is, and after that."""

    before_due: Telling = "title"
    after_due: Telling = "title"


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exercises that are handed out and collected together, until `due` where it is not None.

    `late` says what handing in later costs; where it is None, nothing.
    """

    id: str
    exercises: list[str]
    due: datetime | None = None
    late: LateRule | None = None


class Capstone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a learner's modules are put together into at the end.

    `module` is a package or module beside `course.yaml`; `uses` names the exercises whose modules it asks for.
    """

    module: str
    uses: list[str]


class _ExerciseBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    book: str = ""
    needs: list[str] = []
    points: float | dict[str, float] = {}
    limits: dict[str, float] = {}
    builtins: Builtins = Builtins()
    hidden_checks: int = 0
    hints: list[str] = []


class _CourseBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    exercises: list[_ExerciseBlock]
    limits: Limits = Limits()
    points: float = 1.0
    hidden_feedback: Telling | HiddenFeedback = "title"
    assignments: list[Assignment] = []
    late: LateRule | None = None
    # YAML takes `off` and `yes` for truth values: the complaint about one is to name the words that there are.
    hints: str | bool = "free"
    solutions: str | bool = "after_pass"
    capstone: Capstone | None = None


@dataclass(frozen=True)
class Check:
    """One check: a test function of an exercise, and what is known of it without running it.

    `id` is the function's name, unique within its exercise; `title` the first line of its docstring, a sentence that a
    learner can act on; `hint` the rest of the docstring; `golden` whether it asks for recorded values.
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


@dataclass(frozen=True)
class Exercise:
    """One exercise and its checks, visible ones first, in the order of the files.

    `hidden_checks` counts the hidden ones, also in a release, which does not hold them. `hints` go from the general to
    the particular.
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

    @property
    def max_score(self) -> Points:
        return sum(check.points for check in self.checks)

    def check(self, check_id: str) -> Check:
        return next(check for check in self.checks if check.id == check_id)


@dataclass(frozen=True)
class Course:
    """A course and where its files lie; `hints` and `shows_solutions` are of `HINTS` and `SOLUTIONS`."""

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

    @property
    def stubs(self) -> Path:
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def approaches(self) -> Path:
        """Where the pages lie that compare right answers to an exercise; a course need not have them."""
        return self.solutions / "approaches"

    @property
    def standins(self) -> Path:
        return self.root / "tests" / "standins"

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
        return self.root / "tests" / "kit" / "styles"

    def cases(self, visibility: Visibility) -> Path:
        """Return the folder of the cases with which mistakes are told apart."""
        return self.check_folder(visibility) / "cases"

    def tells(
        self, exercise: str, now: datetime | None = None, extensions: Mapping[str, datetime] | None = None
    ) -> Telling:
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


def find_course(start: Path) -> Path:
    """Find `course.yaml` in a folder or above it.

    Raises:
        CourseError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / COURSE_FILE).is_file():
            return folder / COURSE_FILE
    raise CourseError(f"There is no {COURSE_FILE} in {start} or above it. Name one: --course path/to/{COURSE_FILE}")


def load_course(path: Path) -> Course:
    """Read and validate a course.

    Args:
        path: the file `course.yaml`.

    Raises:
        CourseError: the file or something it refers to is wrong; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"{path} cannot be read ({error}). Name a course file: --course path/to/{COURSE_FILE}"
        ) from None
    file = _CourseFile(path, text, CourseError)
    block = file.convert(file.data, _CourseBlock)
    root = path.resolve().parent
    file.check_references(block, root)
    exercises = tuple(file.exercise(block, number, root) for number in range(len(block.exercises)))
    told = block.hidden_feedback
    hidden_feedback = told if isinstance(told, HiddenFeedback) else HiddenFeedback(told, told)
    # Each exercise by itself, unless the course says otherwise.
    assignments = block.assignments or [Assignment(exercise.id, [exercise.id]) for exercise in exercises]
    ruled = tuple(msgspec.structs.replace(one, late=one.late or block.late) for one in assignments)
    hints, shown = str(block.hints), str(block.solutions)
    return Course(
        root,
        block.id,
        block.title,
        hidden_feedback,
        block.limits,
        exercises,
        ruled,
        hints,
        shown,
        block.capstone,
    )


class _CourseFile(YamlFile):
    """`course.yaml`, and what can be wrong in it."""

    def check_references(self, block: _CourseBlock, root: Path) -> None:
        """Check what the types cannot say: ids, needs, files, limits."""
        if not block.exercises:
            raise self.complaint("a course needs at least one exercise", ["exercises"])
        for name in ("call", "after_timeout", "check", "submission"):
            if getattr(block.limits, name) <= 0:
                raise self.complaint("a limit is a number of seconds above 0", ["limits", name])
        if block.points < 0:
            raise self.complaint("points cannot be negative", ["points"])
        for key, given, words in (("hints", block.hints, HINTS), ("solutions", block.solutions, SOLUTIONS)):
            if given not in words:
                raise self.complaint(f"`{key}` is one of {', '.join(words)}", [key])
        before: list[str] = []
        for number, exercise in enumerate(block.exercises):
            here: list[str | int] = ["exercises", number]
            if not exercise.id.isidentifier() or not exercise.id.islower():
                raise self.complaint(f"`{exercise.id}` cannot be a module's name: use a-z, 0-9 and _", [*here, "id"])
            if exercise.id in before:
                raise self.complaint(f"there are two exercises `{exercise.id}`", [*here, "id"])
            for place, needed in enumerate(exercise.needs):
                if needed not in before:
                    raise self.complaint(
                        f"`{exercise.id}` needs `{needed}`, which is not an exercise before it", [*here, "needs", place]
                    )
                if not (root / "tests" / "standins" / f"{needed}.py").is_file():
                    raise self.complaint(
                        f"`{needed}` is needed and has no stand-in: write tests/standins/{needed}.py",
                        [*here, "needs", place],
                    )
            before.append(exercise.id)
        self._check_assignments(block, before)
        self._check_lateness(block)
        if block.capstone is not None:
            self._check_capstone(block.capstone, before)

    def _check_assignments(self, block: _CourseBlock, exercises: Sequence[str]) -> None:
        names: list[str] = []
        given: list[str] = []
        for number, assignment in enumerate(block.assignments):
            here: list[str | int] = ["assignments", number]
            # nbgrader takes a + for its own in file names, and a folder has this name.
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", assignment.id):
                raise self.complaint(f"`{assignment.id}` cannot be a folder's name: use a-z, 0-9, _ and -", here)
            if assignment.id in names:
                raise self.complaint(f"there are two assignments `{assignment.id}`", [*here, "id"])
            if assignment.due is not None and assignment.due.tzinfo is None:
                raise self.complaint("a due date needs its time zone, as in 2027-01-31T23:59:00+01:00", [*here, "due"])
            for place, exercise in enumerate(assignment.exercises):
                where = [*here, "exercises", place]
                if exercise not in exercises:
                    raise self.complaint(f"there is no exercise `{exercise}`", where)
                if exercise in given:
                    raise self.complaint(f"`{exercise}` is in two assignments", where)
                given.append(exercise)
            names.append(assignment.id)

    def _check_lateness(self, block: _CourseBlock) -> None:
        rules: list[tuple[LateRule | None, bool, list[str | int]]] = [
            (one.late, one.due is not None, ["assignments", number]) for number, one in enumerate(block.assignments)
        ]
        for rule, has_due, here in [(block.late, any(due for _, due, _ in rules), []), *rules]:
            if rule is None:
                continue
            problem = rule.problem()
            if problem:
                raise self.complaint(problem[1], [*here, "late", problem[0]])
            if not has_due:
                raise self.complaint(
                    "nothing can be late without a due date: write `due` in assignments", [*here, "late"]
                )

    def _check_capstone(self, capstone: Capstone, exercises: Sequence[str]) -> None:
        if not capstone.module.isidentifier() or not capstone.module.islower():
            raise self.complaint(
                f"`{capstone.module}` cannot be a module's name: use a-z, 0-9 and _", ["capstone", "module"]
            )
        if not capstone.uses:
            raise self.complaint("a capstone is made of exercises: name some", ["capstone", "uses"])
        for place, used in enumerate(capstone.uses):
            if used not in exercises:
                raise self.complaint(f"there is no exercise `{used}`", ["capstone", "uses", place])
            if used in capstone.uses[:place]:
                raise self.complaint(f"`{used}` stands here twice", ["capstone", "uses", place])

    def exercise(self, block: _CourseBlock, number: int, root: Path) -> Exercise:
        """Put together one exercise with its limits, checks and points."""
        exercise = block.exercises[number]
        here: list[str | int] = ["exercises", number]
        try:
            limits = msgspec.convert(msgspec.to_builtins(block.limits) | exercise.limits, Limits)
        except msgspec.ValidationError as error:
            raise self.complaint(str(error).partition(" - at")[0], [*here, "limits"]) from None
        if not 0 <= exercise.builtins.keep <= 1:
            raise self.complaint("the share that is kept lies between 0 and 1", [*here, "builtins", "keep"])
        own = exercise.points if isinstance(exercise.points, dict) else {}
        each = block.points if isinstance(exercise.points, dict) else exercise.points
        found = [
            Check(name, exercise.id, visibility, title, hint, own.get(name, each), path, line, golden)
            for visibility in VISIBILITIES
            for path in [root / "tests" / visibility / f"test_{exercise.id}.py"]
            for name, title, hint, line, golden in read_checks(path)
        ]
        for place, hint in enumerate(exercise.hints):
            if not hint.strip():
                raise self.complaint("a hint is a sentence, and this one is empty", [*here, "hints", place])
        names = [check.id for check in found]
        for name, points in own.items():
            if name not in names:
                raise self.complaint(f"there is no check `{name}` in `{exercise.id}`", [*here, "points", name])
            if points < 0:
                raise self.complaint("points cannot be negative", [*here, "points", name])
        for check in found:
            if names.count(check.id) > 1:
                raise CourseError(
                    f"{check.path}, line {check.line}: `{exercise.id}` has two checks `{check.id}`. Rename one."
                )
        return Exercise(
            id=exercise.id,
            title=exercise.title,
            book=exercise.book,
            needs=tuple(exercise.needs),
            limits=limits,
            builtins=exercise.builtins,
            checks=tuple(found),
            hidden_checks=exercise.hidden_checks or sum(check.visibility == "hidden" for check in found),
            hints=tuple(" ".join(hint.split()) for hint in exercise.hints),
        )
