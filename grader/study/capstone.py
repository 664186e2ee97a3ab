"""The capstone: the learner's own modules, put together; a stand-in takes the place of what is missing or wrong.

What they are put together into is the course's affair: the package that `capstone` in `course.yaml` names offers
`run(parts, order)`. It asks `parts` for the classes and functions of the exercises that it uses, and learns from
`order` what was wanted.
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
from grader.port import Workspace
from grader.text import printable

SILENCE = 120.0
"""Seconds for which a learner's code may run on without asking for anything."""
UNWRITTEN, WRONG, APART = (
    "not written yet",
    "your module doesn't pass its checks yet",
    "it passes its own checks, but a module that uses it fails",
)


class PartFailed(GraderError):
    """A part of the capstone failed, or never came back, although it passes its checks."""


@dataclass(frozen=True)
class CapstoneOptions:
    """What was asked for: where files go, what to train on and for how long, and where to say so.

    `steps` and `minutes` are None where the capstone is to decide; `console` takes results, `progress` what passes by.
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


@dataclass(frozen=True)
class Part:
    """The module that was chosen for an exercise: the learner's own, or a stand-in, and why."""

    exercise: str
    path: Path
    why: str = ""

    @property
    def own(self) -> bool:
        return not self.why

    @property
    def digest(self) -> str:
        return short_digest(self.path.read_bytes())


class Parts:
    """The modules that were chosen, imported when first asked for.

    Args:
        parts: one for each exercise that the capstone uses.
        silence: seconds after which code that asks for nothing is stopped.
    """

    def __init__(self, parts: Sequence[Part], silence: float = SILENCE) -> None:
        self.by_exercise = {part.exercise: part for part in parts}
        self._silence = silence
        self._workspace = Workspace({part.exercise: part.path for part in parts})

    def take(self, exercise: str, name: str) -> Any:
        """Return a class or function of the module chosen for an exercise.

        Raises:
            PartFailed: the module cannot be imported, or has none of that name.
        """
        with self.running():
            module = self._workspace.module(exercise)
        if not hasattr(module, name):
            raise PartFailed(f"{exercise}.py has no `{name}`. Run: grader check {exercise}")
        return getattr(module, name)

    @contextlib.contextmanager
    def running(self) -> Iterator[Callable[[], None]]:
        """Run the parts' code; what is yielded is to be called now and then, as a sign that it goes on.

        Raises:
            PartFailed: a part of the learner's raised something, or went on without a sign.
        """
        try:
            with limited(self._silence) as sign:
                yield sign
        except TimeIsUp as error:
            raise self._failed(error, f"was stopped: it took no step for {self._silence:g} seconds") from None
        except Exception as error:
            if isinstance(error, PartFailed) or self._place(error) is None:
                raise
            said = printable(str(error), 300)
            raise self._failed(error, f"raised {type(error).__name__}{f': {said}' if said else ''}") from error

    def close(self) -> None:
        """Take the modules out of the interpreter again."""
        self._workspace.close()

    def _place(self, error: BaseException) -> tuple[str, int, str] | None:
        """Say in which line of the learner's own files an error arose; None where none of them had a hand in it."""
        frames = self._workspace.frames(error.__traceback__)
        own = [frame for frame in frames if self.by_exercise[frame.module].own]
        return (own[-1].module, own[-1].line, own[-1].source) if own else None

    def _failed(self, error: BaseException, what: str) -> PartFailed:
        place = self._place(error)
        if place is None:
            return PartFailed(
                f"The capstone {what}. The problem isn't in your code. Try again, or use the CPU: --device cpu"
            )
        module, line, source = place
        return PartFailed(
            f"Your {module}.py {what}.\n"
            f"  line {line}: {source}\n"
            "Its checks passed, so this is something that they don't test: longer inputs, more steps, other sizes.\n"
            f"The training so far is saved. Fix the line, then run: grader check {module}; grader capstone"
        )


def run_capstone(course: Course, options: CapstoneOptions, submission: Path | None = None) -> None:
    """Put the learner's modules together and run the course's capstone.

    Args:
        course: the course.
        options: what was asked for.
        submission: the folder with the learner's modules; the course's exercises by default.

    Raises:
        UsageError: the options exclude each other, or there is no such folder.
        CourseError: the course has no capstone, or what it needs is not there.
        GraderError: a part of the learner's failed, or the capstone cannot do what was asked for.
    """
    if options.steps is not None and options.minutes is not None:
        raise UsageError("--steps and --minutes both set how long to train. Use only one of them.")
    folder = submission if submission is not None else course.stubs
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder. Name a folder of modules: --submission exercises")
    package = load_capstone(course)
    if hasattr(package, "look_at"):
        # What is wrong with the options is told before the checks take their time.
        package.look_at(options)
    with options.progress.status("Looking at your modules ...") as status:
        kept = options.out / "checked.json"
        chosen = choose_parts(course, folder, kept, lambda name: status.update(f"Checking your {name} ..."))
    parts = Parts(chosen)
    try:
        package.run(parts, options)
    finally:
        parts.close()


def the_capstone(course: Course) -> Capstone:
    """Return the course's capstone.

    Raises:
        CourseError: it has none, or what it needs is not there.
    """
    capstone = course.capstone
    if capstone is None:
        raise CourseError(
            "This course has no capstone. The course's author can name one in course.yaml; see docs/authoring.md"
        )
    if _package(course, capstone) is None:
        raise CourseError(
            f"course.yaml names the capstone `{capstone.module}`, but there is no {capstone.module}/__init__.py "
            f"in {course.root}. Use the full course, or write that file; see docs/authoring.md"
        )
    for exercise in used(course, capstone):
        if not _standin(course, capstone, exercise).is_file():
            raise CourseError(
                f"`{exercise}` is used in the capstone and has no stand-in. "
                f"Write {capstone.module}/standins/{exercise}.py or solutions/standins/{exercise}.py"
            )
    return capstone


def used(course: Course, capstone: Capstone) -> list[str]:
    """List the exercises whose modules a capstone uses, directly or through what they need, in course order."""
    named = {need for exercise in capstone.uses for need in (exercise, *course.all_needs(exercise))}
    return [exercise.id for exercise in course.exercises if exercise.id in named]


def choose_parts(
    course: Course, folder: Path, kept: Path | None = None, tell: Callable[[str], None] = lambda exercise: None
) -> list[Part]:
    """Choose the learner's own module for each exercise where it passes its visible checks, else a stand-in.

    Args:
        course: a course with a capstone.
        folder: where the learner's modules lie.
        kept: a file that keeps what was found, so that the same modules are not checked again.
        tell: called with each exercise whose checks begin.
    """
    capstone = the_capstone(course)
    wanted = used(course, capstone)
    files = {name: (folder / f"{name}.py").resolve() for name in wanted}
    own = {name: path for name, path in files.items() if path.is_file()}
    key = _key(course, own)
    found = _read(kept) if kept is not None else {}
    reasons: dict[str, str] = found.get(key) or _reasons(course, own, tell)
    if kept is not None:
        # Where it cannot be kept it is found anew; that the folder cannot be written is told by who must write there.
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, json.dumps({key: reasons}).encode())
    reasons = dict.fromkeys(wanted, UNWRITTEN) | reasons
    return [
        Part(name, _standin(course, capstone, name) if reasons[name] else files[name], reasons[name]) for name in wanted
    ]


def load_capstone(course: Course) -> ModuleType:
    """Import the package of the course's capstone.

    Raises:
        CourseError: it cannot be imported, or has no `run`.
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
    places = (course.root / capstone.module / "__init__.py", course.root / f"{capstone.module}.py")
    return next((path for path in places if path.is_file()), None)


def _standin(course: Course, capstone: Capstone, exercise: str) -> Path:
    own = course.root / capstone.module / "standins" / f"{exercise}.py"
    return own if own.is_file() else course.standins / f"{exercise}.py"


def _key(course: Course, files: Mapping[str, Path]) -> str:
    """Make a key of all that decides whether these modules pass: they, their checks, the stand-ins, the grader."""
    parts: list[bytes | str] = [__version__]
    for name, path in files.items():
        for one in (path, course.check_folder("visible") / f"test_{name}.py", course.standins / f"{name}.py"):
            parts += [name, one.read_bytes() if one.is_file() else b""]
    return digest(*parts)


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Return what was kept; nothing where it cannot be read, since it can be found anew."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    except (OSError, msgspec.DecodeError):
        return {}


def _reasons(course: Course, files: Mapping[str, Path], tell: Callable[[str], None]) -> dict[str, str]:
    """Say for each of the learner's modules why it cannot be used; nothing where it can."""
    checks = {name: visible(course, name) for name in files}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in files}
    under_test = SubmissionUnderTest(course, diagnosing=False)
    with Runner(course, under_test, [check for name in files for check in checks[name]]) as runner:
        under_test.load(files)
        for name, own in outcomes.items():
            tell(name)
            for check in checks[name]:
                own.append(runner.run(check)[0])
                if own[-1].status not in ("passed", "not_started"):
                    break
    reasons = {}
    for name, own in outcomes.items():
        kinds = {one.status for one in own}
        reasons[name] = "" if kinds == {"passed"} else UNWRITTEN if kinds == {"not_started"} else WRONG
    for name, own in outcomes.items():
        needs = course.by_id[name].needs
        if not reasons[name] and any(one.over_standins for one in own) and not any(reasons.get(n, "-") for n in needs):
            reasons |= dict.fromkeys(needs, APART)
    return reasons
