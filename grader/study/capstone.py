"""The capstone: the learner's own modules, put together; a stand-in replaces a module that is missing or wrong.

The course decides what to build from them: the package that `capstone` in `course.yaml` names has a function
`run(parts, order)`. It gets the classes and functions of the exercises from `parts`, and the user's options from
`order`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from rich.console import Console

from grader import __version__
from grader.checks.outcome import Outcome
from grader.checks.runner import Runner, visible
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Capstone, Course
from grader.errors import CourseError, GraderError, UsageError
from grader.files import digest, short_digest, write_whole
from grader.learner.limits import TimeIsUp, limited
from grader.learner.workspace import helpers_in
from grader.port import Workspace
from grader.text import printable

SILENCE = 120.0
"""Seconds that a learner's code may run without a sign that it makes progress."""
UNWRITTEN, DRAFT, WRONG, SLOW, APART = (
    "not written yet",
    "it isn't an exercise of this course yet",
    "your module doesn't pass its checks yet",
    "its checks ran out of time: an endless loop, or a busy computer; then run this again",
    "it passes its own checks, but a module that uses it fails",
)


class PartFailed(GraderError):
    """A module of the capstone failed or never returned, although it passes its checks."""


@dataclass(frozen=True)
class CapstoneOptions:
    """The user's options: where files go, what to train on and for how long, and where to print.

    `steps` and `minutes` are None if the capstone should decide; results go to `console`, progress to `progress`.
    `milestone` is what to show instead of the whole, `gpt2` the folder or name of published weights to write with, and
    `say` a text to continue; `task` is what to do with the trained model. Empty ones ask for nothing.
    """

    out: Path
    seed: int
    console: Console
    progress: Console
    steps: int | None = None
    minutes: float | None = None
    text: Path | None = None
    device: str = "auto"
    restart: bool = False
    milestone: str = ""
    gpt2: str = ""
    say: str = ""
    task: str = ""


@dataclass(frozen=True)
class Part:
    """The module chosen for an exercise: the learner's own, or a stand-in and the reason for it."""

    exercise: str
    path: Path
    why: str = ""

    @property
    def is_learners(self) -> bool:
        return not self.why

    @property
    def digest(self) -> str:
        return short_digest(self.path.read_bytes())


class Parts:
    """The chosen modules, imported when they are first used.

    Args:
        parts: one for each exercise that the capstone uses.
        silence: seconds without a sign of progress after which the code is stopped.
        command: what the user typed, without options.
    """

    def __init__(self, parts: Sequence[Part], silence: float = SILENCE, command: str = "grader capstone") -> None:
        self.by_exercise = {part.exercise: part for part in parts}
        self._silence, self._command = silence, command
        folders = {part.path.parent for part in parts if part.is_learners}
        helpers = {name: path for folder in folders for name, path in helpers_in(folder, self.by_exercise).items()}
        self._workspace = Workspace({part.exercise: part.path for part in parts} | helpers)

    def take(self, exercise: str, name: str) -> Any:
        """Return a class or function of the module chosen for an exercise.

        Raises:
            PartFailed: the module can't be imported, or doesn't define the name.
        """
        with self.running():
            module = self._workspace.module(exercise)
        if not hasattr(module, name):
            raise PartFailed(f"{exercise}.py has no `{name}`. Run: grader check {exercise}")
        return getattr(module, name)

    @contextlib.contextmanager
    def running(self) -> Iterator[Callable[[], None]]:
        """Run the modules' code; call the yielded function now and then as a sign of progress.

        Raises:
            PartFailed: a module of the learner's raised something, or gave no sign of progress for too long.
        """
        try:
            with limited(self._silence) as sign:
                yield sign
        except TimeIsUp as error:
            raise self._failed(error, f"was stopped: it took no step for {self._silence:g} seconds") from None
        except Exception as error:
            if isinstance(error, PartFailed) or self._position(error) is None:
                raise
            message = printable(str(error), 300)
            raise self._failed(error, f"raised {type(error).__name__}{f': {message}' if message else ''}") from error

    def close(self) -> None:
        """Remove the modules from the interpreter."""
        self._workspace.close()

    def _position(self, error: BaseException) -> tuple[str, int, str] | None:
        """Find the line of the learner's own files where an error was raised; None if they aren't involved."""
        frames = self._workspace.frames(error.__traceback__)
        standins = {part.exercise for part in self.by_exercise.values() if not part.is_learners}
        learners = [frame for frame in frames if frame.module not in standins]
        return (learners[-1].module, learners[-1].line, learners[-1].source) if learners else None

    def _failed(self, error: BaseException, what: str) -> PartFailed:
        position = self._position(error)
        if position is None:
            return PartFailed(
                f"The capstone {what}. The problem isn't in your code. Try again, or use the CPU: --device cpu"
            )
        module, line, source = position
        return PartFailed(
            f"Your {module}.py {what}.\n"
            f"  line {line}: {source}\n"
            "Its checks passed, so this is something that they don't test: longer inputs, more steps, other sizes.\n"
            f"The training so far is saved. Fix the line, then run: grader check {module}; {self._command}"
        )


def run_capstone(course: Course, options: CapstoneOptions, submission: Path | None = None) -> None:
    """Put the learner's modules together and run the course's capstone.

    Args:
        course: the course.
        options: the user's options.
        submission: the folder with the learner's modules; the course's exercises by default.

    Raises:
        UsageError: the options contradict each other, or the folder doesn't exist.
        CourseError: the course has no capstone, or a file of it is missing.
        GraderError: a module of the learner's failed, or the capstone can't follow the options.
    """
    if options.steps is not None and options.minutes is not None:
        raise UsageError("--steps and --minutes both set how long to train. Use only one of them.")
    if options.milestone and options.gpt2:
        raise UsageError("--milestone and --gpt2 ask for different things. Use only one of them.")
    folder = submission if submission is not None else course.stubs
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder. Name a folder of modules: --submission exercises")
    package = load_capstone(course)
    if hasattr(package, "look_at"):
        # Report wrong options before running the checks, which takes a while.
        package.look_at(options)
    with options.progress.status("Looking at your modules ...") as status:
        kept = options.out / "checked.json"
        chosen = choose_parts(course, folder, kept, lambda name: status.update(f"Checking your {name} ..."))
    parts = Parts(chosen, command=f"grader capstone {options.task}".rstrip())
    try:
        package.run(parts, options)
    finally:
        parts.close()


def the_capstone(course: Course) -> Capstone:
    """Return the course's capstone.

    Raises:
        CourseError: it has none, or a file of it is missing.
    """
    capstone = course.capstone
    if capstone is None:
        raise CourseError(
            f"This course has no capstone. The course's author can name one in {course.file.name}; "
            "see docs/authoring.md"
        )
    if _package(course, capstone) is None:
        raise CourseError(
            f"{course.file.name} names the capstone `{capstone.module}`, but there is no {capstone.module}/__init__.py "
            f"in {course.root}. Use the full course, or write that file; see docs/authoring.md"
        )
    for exercise in used(course, capstone):
        if not standin_of(course, capstone, exercise).is_file():
            raise CourseError(
                f"`{exercise}` is used in the capstone and has no stand-in. "
                f"Write {capstone.module}/standins/{exercise}.py or solutions/standins/{exercise}.py"
            )
    return capstone


def used(course: Course, capstone: Capstone) -> list[str]:
    """List the exercises whose modules a capstone uses, directly or through what they need, in course order.

    Drafts come last: they have only a stand-in.
    """
    drafts = [exercise for exercise in capstone.uses if exercise in course.drafts]
    finished = [exercise for exercise in capstone.uses if exercise not in drafts]
    named = {need for exercise in finished for need in (exercise, *course.all_needs(exercise))}
    return [exercise.id for exercise in course.exercises if exercise.id in named] + drafts


def choose_parts(
    course: Course, folder: Path, kept: Path | None = None, tell: Callable[[str], None] = lambda exercise: None
) -> list[Part]:
    """Choose for each exercise the learner's own module if it passes its visible checks, else a stand-in.

    Args:
        course: a course with a capstone.
        folder: the folder of the learner's modules.
        kept: a file that saves the results, so that the same modules are not checked again.
        tell: called with each exercise when its checks start.
    """
    capstone = the_capstone(course)
    wanted = used(course, capstone)
    files = {name: (folder / f"{name}.py").resolve() for name in wanted}
    written = {name: path for name, path in files.items() if path.is_file() and name in course.by_id}
    key = _key(course, written)
    saved = _read(kept) if kept is not None else {}
    reasons: dict[str, str] = saved.get(key) or _reasons(course, written, tell)
    if kept is not None and SLOW not in reasons.values():
        # If this can't be saved, the checks run again. Whoever must write to the folder reports the problem.
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, json.dumps({key: reasons}).encode())
    reasons = {name: DRAFT if name in course.drafts else UNWRITTEN for name in wanted} | reasons
    return [
        Part(name, standin_of(course, capstone, name) if reasons[name] else files[name], reasons[name])
        for name in wanted
    ]


def load_capstone(course: Course) -> ModuleType:
    """Import the package of the course's capstone.

    Raises:
        CourseError: it can't be imported, or has no `run`.
    """
    capstone = the_capstone(course)
    path = _package(course, capstone)
    assert path is not None
    present = sys.modules.get(capstone.module)
    if present is not None and Path(present.__file__ or "").resolve() == path.resolve():
        module = present
    else:
        folder = [str(path.parent)] if path.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(capstone.module, path, submodule_search_locations=folder)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[capstone.module] = module
        spec.loader.exec_module(module)
    if not hasattr(module, "run"):
        raise CourseError(f"{path} has no function `run(parts, order)`. Write one; see docs/authoring.md")
    return module


def _package(course: Course, capstone: Capstone) -> Path | None:
    candidates = (course.root / capstone.module / "__init__.py", course.root / f"{capstone.module}.py")
    return next((path for path in candidates if path.is_file()), None)


def standin_of(course: Course, capstone: Capstone, exercise: str) -> Path:
    """Return the file of the stand-in that a capstone uses for an exercise."""
    special = course.root / capstone.module / "standins" / f"{exercise}.py"
    return special if special.is_file() else course.standins / f"{exercise}.py"


def _key(course: Course, files: Mapping[str, Path]) -> str:
    """Make a key from everything that decides whether these modules pass: their code, checks, stand-ins, the grader."""
    parts: list[bytes | str] = [__version__]
    for name, path in files.items():
        for file in (path, course.check_folder("visible") / f"test_{name}.py", course.standins / f"{name}.py"):
            parts += [name, file.read_bytes() if file.is_file() else b""]
    return digest(*parts)


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Return the saved results; none if the file can't be read, because the checks can run again."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    except (OSError, msgspec.DecodeError):
        return {}


def _reasons(course: Course, files: Mapping[str, Path], tell: Callable[[str], None]) -> dict[str, str]:
    """Say for each of the learner's modules why it can't be used; an empty text if it can."""
    checks = {name: visible(course, name) for name in files}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in files}
    under_test = SubmissionUnderTest(course, diagnosing=False)
    with Runner(course, under_test, [check for name in files for check in checks[name]]) as runner:
        under_test.load({**files, **helpers_in(course.stubs, course.by_id)})
        for name, results in outcomes.items():
            tell(name)
            for check in checks[name]:
                results.append(runner.run(check)[0])
                if results[-1].status not in ("passed", "not_started"):
                    break
    reasons = {}
    for name, results in outcomes.items():
        kinds = {outcome.status for outcome in results}
        slow = "timeout" in kinds and kinds <= {"passed", "timeout"}
        failed = UNWRITTEN if kinds == {"not_started"} else SLOW if slow else WRONG
        reasons[name] = "" if kinds == {"passed"} else failed
    for name, results in outcomes.items():
        needs = course.by_id[name].needs
        apart = any(outcome.over_standins for outcome in results)
        if not reasons[name] and apart and not any(reasons.get(n, "-") for n in needs):
            reasons |= dict.fromkeys(needs, APART)
    return reasons
