"""Run the checks on every mutant of the solutions: a survivor is equivalent, and listed why, or a check is missing.

    python -m benchmarks.mutants [exercise ...]

Prints the survivors that `solutions/equivalent_mutants.yaml` does not explain, and its entries that are stale: whose
mutant no longer exists, or is caught by now. Exit status: 0 where there is neither, else 1. Some minutes on two cores.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import torch

from benchmarks.mutation import Mutant, NoCosmicRay, Place, make_mutants
from grader.checks.hypothesis_profile import configure_hypothesis
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course, load_course
from grader.errors import GraderError

ROOT = Path(__file__).resolve().parents[1]
EXPLAINED = ROOT / "solutions" / "equivalent_mutants.yaml"
CALL_SECONDS = 3.0
CPU_SECONDS = 60
MEMORY = 3 * 2**30
"""Limits: of one call, which is many times what the solutions need, and of all checks of a mutant."""
CHUNK = 250
"""How many mutants share a process that has collected the checks."""


class Change(msgspec.Struct, forbid_unknown_fields=True, rename={"function": "in"}):
    """A mutant as it stands in the file: `in` which function, what stood there, what stands there now."""

    function: str
    was: str
    now: str
    nth: int = 1


class Equivalent(msgspec.Struct, forbid_unknown_fields=True):
    """Mutants that need no check, and why."""

    why: str
    mutants: list[Change]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: the id of the check that caught it, empty where none did, and that check's verdict.

    The verdict is `fault` where the check itself broke on what the mutant did.
    """

    check: str
    status: str


@dataclass
class Account:
    """What is found about the mutants of one exercise."""

    fates: list[tuple[Mutant, Fate]]
    explained: set[Place] = field(default_factory=set)

    def survivors(self) -> list[Mutant]:
        """List the mutants that no check catches."""
        return [mutant for mutant, fate in self.fates if not fate.check]

    def unexplained(self) -> list[Mutant]:
        """List the survivors that are not listed with a reason."""
        return [mutant for mutant in self.survivors() if mutant.place not in self.explained]

    def faults(self) -> list[tuple[Mutant, Fate]]:
        """List the mutants on which a check broke, which no submission may bring about."""
        return [(mutant, fate) for mutant, fate in self.fates if fate.status == "fault"]

    def stale(self) -> list[tuple[Place, str]]:
        """List the entries whose mutant is no survivor, with what became of it."""
        caught = {mutant.place: f"caught by {fate.check}" for mutant, fate in self.fates if fate.check}
        left = self.explained - {mutant.place for mutant in self.survivors()}
        return [(place, caught.get(place, "no such mutant")) for place in sorted(left, key=str)]


def read_explained(path: Path) -> dict[str, set[Place]]:
    """Read which survivors are explained, by exercise.

    Raises:
        ValueError: the file is not of its form, or a mutant stands there twice.
    """
    found: dict[str, set[Place]] = {}
    for exercise, groups in msgspec.yaml.decode(path.read_bytes(), type=dict[str, list[Equivalent]]).items():
        changes = [change for group in groups for change in group.mutants]
        places = [Place(change.function, change.was, change.now, change.nth) for change in changes]
        found[exercise] = set(places)
        twice = [place for place in found[exercise] if places.count(place) > 1]
        if twice:
            raise ValueError(f"{path}: this mutant of {exercise} stands there twice; take one out: {twice[0]}")
        unsaid = [group for group in groups if len(group.why.split()) < 3]
        if unsaid:
            raise ValueError(f"{path}: {unsaid[0].mutants[0]} needs a reason. Write a sentence after `why:`.")
    return found


def run_checks(exercise: str, texts: list[str]) -> list[Fate]:
    """Run an exercise's checks on texts of its module, each until one fails, in this process.

    Raises:
        RuntimeError: the checks cannot be run, or fail on the solution.
    """
    torch.set_num_threads(1)
    # The time limit interrupts as Ctrl-C does, which a shell has a command in the background ignore.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Nobody reads the failing example, so none is made smaller.
    course = _with_short_calls(load_course(ROOT / "course.yaml"))
    checks = list(course.by_id[exercise].checks)
    under_test = SubmissionUnderTest(course, diagnosing=False)
    solutions = {e.id: course.solutions / f"{e.id}.py" for e in course.exercises}
    try:
        runner = Runner(course, under_test, checks)
    except GraderError as error:
        raise RuntimeError(str(error)) from error
    with runner, tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        configure_hypothesis(shrink=False)
        # The first call also pays for what torch imports late, for all forks after it.
        under_test.load(solutions)
        fate = _first_failure(runner, checks)
        under_test.clear()
        if fate.check:
            problem = f"{fate.check}: {fate.status} on the solution of {exercise}"
            raise RuntimeError(f"{problem}. Run: pytest --submission solutions")
        fates = []
        for text in texts:
            path = Path(folder) / f"{exercise}.py"
            path.write_text(text, encoding="utf-8")
            fate = _in_a_fork(runner, under_test, checks, solutions | {exercise: path})
            # What caught this mutant most likely catches its neighbours.
            checks.sort(key=lambda check: check.id != fate.check)
            fates.append(fate)
    return fates


def _with_short_calls(course: Course) -> Course:
    """Return a course with the time limit of a mutant's calls."""
    limits = [msgspec.structs.replace(e.limits, call=CALL_SECONDS) for e in course.exercises]
    exercises = [dataclasses.replace(e, limits=limit) for e, limit in zip(course.exercises, limits, strict=True)]
    return dataclasses.replace(course, exercises=tuple(exercises))


def _in_a_fork(
    runner: Runner, under_test: SubmissionUnderTest, checks: Sequence[Check], files: dict[str, Path]
) -> Fate:
    """Run the checks on modules in a fork of this process, with limits that end it where nothing else does.

    The fork has the checks collected and torch loaded, and what a mutant does to itself, or to its process, ends with
    it. A mutant means no harm, so no walls are needed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            under_test.load(files)
            os.write(writing, msgspec.json.encode(_first_failure(runner, checks)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(child, 0)
    if told:
        return msgspec.json.decode(told, type=Fate)
    return Fate(checks[0].id, "timeout" if os.WIFSIGNALED(status) else "error")


def _first_failure(runner: Runner, checks: Sequence[Check]) -> Fate:
    for check in checks:
        outcome, _ = runner.run(check)
        if outcome.status != "passed":
            return Fate(check.id, "fault" if outcome.machine else outcome.status)
    return Fate("", "passed")


def account_for(exercises: Iterable[str], explained: Mapping[str, set[Place]], jobs: int) -> dict[str, Account]:
    """Make and judge the mutants of exercises, spread over processes."""
    mutants = {name: make_mutants((ROOT / "solutions" / f"{name}.py").read_text("utf-8")) for name in exercises}
    chunks = [(name, own[k : k + CHUNK]) for name, own in mutants.items() for k in range(0, len(own), CHUNK)]
    accounts = {name: Account([], explained.get(name, set())) for name in mutants}
    # A process for each chunk: pytest collects an exercise's checks once in each, and leaves nothing behind.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        waiting = [pool.submit(run_checks, name, [mutant.text for mutant in chunk]) for name, chunk in chunks]
        for (name, chunk), fates in zip(chunks, waiting, strict=True):
            accounts[name].fates += zip(chunk, fates.result(), strict=True)
    return accounts


def tell(name: str, account: Account) -> str:
    """Tell what was found about one exercise, in words: a line of numbers, then what there is to do."""
    late = sum(fate.status == "timeout" for _, fate in account.fates)
    survivors, unexplained = account.survivors(), account.unexplained()
    caught = len(account.fates) - len(survivors)
    lines = [
        f"{name}: {len(account.fates)} mutants, {caught} caught ({late} by the time limit), "
        f"{len(survivors) - len(unexplained)} explained, {len(unexplained)} not"
    ]
    for mutant in unexplained:
        lines += [f"  survives  line {mutant.line}, {mutant.place.function}, {mutant.operator}", *_diff(mutant.place)]
    for mutant, fate in account.faults():
        lines += [f"  breaks    {fate.check}: line {mutant.line}, {mutant.place.function}", *_diff(mutant.place)]
    for place, became in account.stale():
        lines += [f"  stale     {place.function}: {became}; take it out of {EXPLAINED.name}", *_diff(place)]
    return "\n".join(lines)


def _diff(place: Place) -> list[str]:
    nth = [f"            (number {place.nth} of these lines)"] if place.nth > 1 else []
    removed = [f"            - {line}" for line in place.was.splitlines()]
    return [*removed, *(f"            + {line}" for line in place.now.splitlines()), *nth]


def main() -> int:
    """Tell about the exercises named, or all; return the exit status."""
    course = load_course(ROOT / "course.yaml")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description="Run the checks on every mutant.")
    names = [exercise.id for exercise in course.exercises]
    parser.add_argument("exercises", nargs="*", metavar="exercise", help=f"one of {', '.join(names)}; default: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    options = parser.parse_args()
    unknown = set(options.exercises) - set(names)
    if unknown:
        parser.error(f"there is no exercise {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    begin = time.monotonic()
    try:
        accounts = account_for(options.exercises or names, read_explained(EXPLAINED), options.jobs)
    except (NoCosmicRay, RuntimeError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    for name, account in accounts.items():
        print(tell(name, account))
    print(f"{time.monotonic() - begin:.0f} s")
    return int(any(account.unexplained() or account.faults() or account.stale() for account in accounts.values()))


if __name__ == "__main__":
    raise SystemExit(main())
