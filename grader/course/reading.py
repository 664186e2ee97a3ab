"""Reads `course.yaml`; a message about something wrong in it names the line."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from grader.course.check_file import read_checks
from grader.course.claims import Claims, points_of_checks
from grader.course.lateness import LateRule
from grader.course.model import (
    COURSE_FILE,
    VISIBILITIES,
    Agents,
    Assignment,
    Builtins,
    Capstone,
    Check,
    Course,
    Difficulty,
    Exercise,
    FeedbackLevel,
    HiddenFeedback,
    Hints,
    Limits,
    Minimum,
    Solutions,
    Track,
)
from grader.course.other_words import OTHER_WORDS
from grader.course.yaml_file import YamlFile
from grader.course.yaml_problems import not_a_time
from grader.errors import CourseError
from grader.files import reason
from grader.text import did_you_mean
from grader.wire.free import Free

POINTS_REFUSED = (
    "`points: 10` would mean 10 points for each check, and not for the exercise. If the exercise is worth 10 points, "
    "write `worth: 10` in its block; if one check counts twice as much as others, write `weights: {its_name: 2}`"
)
DRAFT = "which is a draft: finish it, then delete its line `draft: true`"


class _ExerciseBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    book: str = ""
    minutes: Annotated[int, msgspec.Meta(ge=0)] = 0
    difficulty: Difficulty = ""
    needs: list[str] = []
    worth: float | None = None
    weights: dict[str, float] = {}
    mistake_caps: dict[str, float] = {}
    points: Any = None
    limits: dict[str, Any] = {}
    builtins: Builtins = Builtins()
    free: Free = Free()
    hidden_checks: int = 0
    hints: list[str] = []
    draft: bool = False


class _CourseBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    exercises: list[_ExerciseBlock]
    limits: Limits = Limits()
    points: Any = None
    mistake_cap: float = 1.0
    hidden_feedback: FeedbackLevel | HiddenFeedback = "title"
    assignments: list[Assignment] = []
    late: LateRule | None = None
    hints: Hints = "free"
    solutions: Solutions = "after_pass"
    capstone: Capstone | None = None
    minimum: Minimum = Minimum()
    boilerplate: list[str] = []
    tracks: list[Track] = []
    default_tracks: list[str] = []
    agents: Agents = "tutor"


def find_course(start: Path) -> Path:
    """Find `course.yaml` in a folder or in one above it.

    Raises:
        CourseError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / COURSE_FILE).is_file():
            return folder / COURSE_FILE
    raise CourseError(
        f"There is no {COURSE_FILE} in {start} or a folder above it. Name one: --course path/to/{COURSE_FILE}"
    )


def load_course(path: Path, drafts: Collection[str] = ()) -> Course:
    """Read and validate a course.

    Args:
        path: the file `course.yaml`.
        drafts: the ids of drafts to include. All other drafts are left out, and errors in their files don't matter.

    Raises:
        CourseError: the file or something it refers to is wrong; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"{path} cannot be read, because it isn't text in UTF-8. Save it in UTF-8.") from None
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({reason(error)}). Name a course file: --course path/to/{COURSE_FILE}"
        ) from None
    file = _CourseFile(path, text, CourseError)
    block = file.convert(file.data, _CourseBlock)
    course_file = path.resolve()
    root = course_file.parent
    left_out = tuple(exercise.id for exercise in block.exercises if exercise.draft and exercise.id not in drafts)
    file.check_references(block, root, left_out)
    claims = Claims(root)
    claims.check_exercises([exercise.id for exercise in block.exercises])
    numbers = [number for number, exercise in enumerate(block.exercises) if exercise.id not in left_out]
    exercises = tuple(file.exercise(block, number, root, claims) for number in numbers)
    level = block.hidden_feedback
    hidden_feedback = level if isinstance(level, HiddenFeedback) else HiddenFeedback(level, level)
    # By default each exercise is its own assignment.
    assignments = block.assignments or [Assignment(exercise.id, [exercise.id]) for exercise in exercises]
    with_late_rules = tuple(
        msgspec.structs.replace(assignment, late=assignment.late or block.late) for assignment in assignments
    )
    return Course(
        course_file,
        block.id,
        block.title,
        hidden_feedback,
        block.limits,
        exercises,
        with_late_rules,
        block.hints,
        block.solutions,
        block.capstone,
        block.minimum,
        left_out,
        block.mistake_cap,
        tuple(block.boilerplate),
        tracks=tuple(
            msgspec.structs.replace(track, exercises=[name for name in track.exercises if name not in left_out])
            for track in block.tracks
        ),
        default_tracks=tuple(block.default_tracks),
        has_assignments=bool(block.assignments),
        agents=block.agents,
    )


class _CourseFile(YamlFile):
    """`course.yaml`, and the checks of what is in it."""

    other_words = OTHER_WORDS

    def check_references(self, block: _CourseBlock, root: Path, drafts: Sequence[str]) -> None:
        """Check what the types cannot say: ids, needs, files, limits; `drafts` are left out of the course."""
        if len(block.exercises) == len(drafts):
            raise self.complaint("a course needs at least one exercise that isn't a draft", ["exercises"])
        self._check_limits(block.limits, ["limits"])
        if block.points is not None:
            raise self.complaint(POINTS_REFUSED, ["points"])
        self._check_cap(block.mistake_cap, ["mistake_cap"])
        before: list[str] = []
        for number, exercise in enumerate(block.exercises):
            here: list[str | int] = ["exercises", number]
            if not exercise.id.isidentifier() or not exercise.id.islower():
                raise self.complaint(f"`{exercise.id}` cannot be a module's name: use a-z, 0-9 and _", [*here, "id"])
            if exercise.id in before:
                raise self.complaint(f"there are two exercises `{exercise.id}`", [*here, "id"])
            for position, needed in enumerate(exercise.needs):
                keys = [*here, "needs", position]
                if needed not in before:
                    raise self.complaint(
                        f"`{exercise.id}` needs `{needed}`, which must be an exercise listed before it"
                        f"{did_you_mean(needed, before)}",
                        keys,
                    )
                if needed in drafts and exercise.id not in drafts:
                    raise self.complaint(f"`{exercise.id}` needs `{needed}`, {DRAFT}", keys)
                if not (root / "solutions").is_dir():
                    raise self.complaint(
                        f"`{needed}` is needed but has no stand-in: there is no folder `solutions` next to this "
                        "file; keep it in the course's folder",
                        keys,
                    )
                if not (root / "solutions" / "standins" / f"{needed}.py").is_file():
                    raise self.complaint(
                        f"`{needed}` is needed but has no stand-in: write solutions/standins/{needed}.py",
                        keys,
                    )
            before.append(exercise.id)
        self._check_assignments(block, before, drafts)
        self._check_lateness(block)
        self._check_tracks(block, before)
        for name in ("mistakes", "styles"):
            if getattr(block.minimum, name) < 0:
                raise self.complaint("a minimum cannot be negative", ["minimum", name])
        if block.capstone is not None:
            self._check_capstone(block.capstone, before)

    def _check_assignments(self, block: _CourseBlock, exercises: Sequence[str], drafts: Sequence[str]) -> None:
        names: list[str] = []
        given: list[str] = []
        for number, assignment in enumerate(block.assignments):
            here: list[str | int] = ["assignments", number]
            # A folder has this name, and nbgrader gives a + in the names of files its own meaning.
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", assignment.id):
                raise self.complaint(f"`{assignment.id}` cannot be a folder's name: use a-z, 0-9, _ and -", here)
            if assignment.id in names:
                raise self.complaint(f"there are two assignments `{assignment.id}`", [*here, "id"])
            if assignment.due is not None and assignment.due.tzinfo is None:
                raise self.complaint(not_a_time(assignment.due), [*here, "due"])
            for position, exercise in enumerate(assignment.exercises):
                keys = [*here, "exercises", position]
                if exercise not in exercises:
                    raise self.complaint(f"there is no exercise `{exercise}`{did_you_mean(exercise, exercises)}", keys)
                if exercise in drafts:
                    raise self.complaint(f"this assignment contains `{exercise}`, {DRAFT}", keys)
                if exercise in given:
                    raise self.complaint(f"`{exercise}` is in two assignments", keys)
                given.append(exercise)
            names.append(assignment.id)

    def _check_tracks(self, block: _CourseBlock, exercises: Sequence[str]) -> None:
        names: list[str] = []
        for number, track in enumerate(block.tracks):
            here: list[str | int] = ["tracks", number]
            # Somebody types this name, perhaps several of them with commas.
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", track.id):
                raise self.complaint(f"`{track.id}` cannot be a track's name: use a-z, 0-9, _ and -", [*here, "id"])
            if track.id in names:
                raise self.complaint(f"there are two tracks `{track.id}`", [*here, "id"])
            if not track.exercises:
                raise self.complaint("a track needs exercises: list them", [*here, "exercises"])
            for position, exercise in enumerate(track.exercises):
                if exercise not in exercises:
                    raise self.complaint(
                        f"there is no exercise `{exercise}`{did_you_mean(exercise, exercises)}",
                        [*here, "exercises", position],
                    )
            names.append(track.id)
        for position, name in enumerate(block.default_tracks):
            if name not in names:
                raise self.complaint(
                    f"there is no track `{name}`{did_you_mean(name, names)}", ["default_tracks", position]
                )

    def _check_lateness(self, block: _CourseBlock) -> None:
        rules: list[tuple[LateRule | None, bool, list[str | int]]] = [
            (assignment.late, assignment.due is not None, ["assignments", number])
            for number, assignment in enumerate(block.assignments)
        ]
        for rule, has_due, here in [(block.late, any(due for _, due, _ in rules), []), *rules]:
            if rule is None:
                continue
            problem = rule.problem()
            if problem:
                raise self.complaint(problem[1], [*here, "late", problem[0]])
            if not has_due:
                raise self.complaint("a late penalty needs a due date: write `due` in an assignment", [*here, "late"])

    def _check_capstone(self, capstone: Capstone, exercises: Sequence[str]) -> None:
        if not capstone.module.isidentifier() or not capstone.module.islower():
            raise self.complaint(
                f"`{capstone.module}` cannot be a module's name: use a-z, 0-9 and _", ["capstone", "module"]
            )
        if not capstone.uses:
            raise self.complaint("a capstone needs exercises: list the ones it uses", ["capstone", "uses"])
        for position, used in enumerate(capstone.uses):
            if used not in exercises:
                raise self.complaint(
                    f"there is no exercise `{used}`{did_you_mean(used, exercises)}", ["capstone", "uses", position]
                )
            if used in capstone.uses[:position]:
                raise self.complaint(f"`{used}` is listed twice", ["capstone", "uses", position])
        for position, milestone in enumerate(capstone.milestones):
            if milestone.after not in exercises:
                raise self.complaint(
                    f"there is no exercise `{milestone.after}`{did_you_mean(milestone.after, exercises)}",
                    ["capstone", "milestones", position, "after"],
                )

    def exercise(self, block: _CourseBlock, number: int, root: Path, claims: Claims) -> Exercise:
        """Build one exercise with its limits, its checks and their points."""
        exercise = block.exercises[number]
        here: list[str | int] = ["exercises", number]
        limits = self.convert(msgspec.to_builtins(block.limits) | exercise.limits, Limits, [*here, "limits"])
        self._check_limits(limits, [*here, "limits"])
        if not 0 <= exercise.builtins.keep <= 1:
            raise self.complaint("`keep` must be between 0 and 1", [*here, "builtins", "keep"])
        if exercise.points is not None:
            raise self.complaint(POINTS_REFUSED, [*here, "points"])
        written = [
            (visibility, path, check)
            for visibility in VISIBILITIES
            for path in [root / "tests" / visibility / f"test_{exercise.id}.py"]
            for check in read_checks(path, root)
        ]
        names = [check.name for _, _, check in written]
        claims_of_exercise = claims.of(exercise.id, names)
        self._check_points(exercise, here, claims_of_exercise)
        points = points_of_checks(claims_of_exercise, exercise.weights, exercise.worth)
        checks = [
            Check(
                check.name,
                exercise.id,
                visibility,
                check.title,
                check.hint,
                points[check.name],
                path,
                check.line,
                check.golden,
                check.law,
                check.source,
            )
            for visibility, path, check in written
        ]
        for position, hint in enumerate(exercise.hints):
            if not hint.strip():
                raise self.complaint("this hint is empty: write a sentence", [*here, "hints", position])
        for check in checks:
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
            free=exercise.free,
            checks=tuple(checks),
            hidden_checks=exercise.hidden_checks or sum(check.visibility == "hidden" for check in checks),
            hints=tuple(" ".join(hint.split()) for hint in exercise.hints),
            draft=exercise.draft,
            claims=claims_of_exercise,
            mistake_caps=exercise.mistake_caps,
            minutes=exercise.minutes,
            difficulty=exercise.difficulty,
        )

    def _check_limits(self, limits: Limits, keys: Sequence[str | int]) -> None:
        for name in limits.__struct_fields__:
            if not 0 < getattr(limits, name) < math.inf:
                raise self.complaint("a limit must be a number of seconds above 0", [*keys, name])

    def _check_cap(self, cap: float, keys: Sequence[str | int]) -> None:
        if not 0 <= cap <= 1:
            raise self.complaint(f"`{keys[-1]}` is a share of an exercise, between 0 and 1", keys)

    def _check_points(
        self, exercise: _ExerciseBlock, here: Sequence[str | int], claims: Sequence[Sequence[str]]
    ) -> None:
        if exercise.worth is not None and not (math.isfinite(exercise.worth) and exercise.worth >= 0):
            raise self.complaint("an exercise can't be worth less than 0 points", [*here, "worth"])
        for name, cap in exercise.mistake_caps.items():
            self._check_cap(cap, [*here, "mistake_caps", name])
        first_of = {check: claim[0] for claim in claims for check in claim}
        for name, weight in exercise.weights.items():
            keys = [*here, "weights", name]
            if name not in first_of:
                raise self.complaint(
                    f"there is no check `{name}` in `{exercise.id}`{did_you_mean(name, first_of)}", keys
                )
            if first_of[name] != name:
                raise self.complaint(f"`{name}` shares the points of `{first_of[name]}`: give the weight to that", keys)
            if not (math.isfinite(weight) and weight >= 0):
                raise self.complaint("a weight can't be negative", keys)
        if exercise.worth and claims and not any(exercise.weights.get(claim[0], 1.0) for claim in claims):
            raise self.complaint("some check must have a weight above 0", [*here, "weights"])
