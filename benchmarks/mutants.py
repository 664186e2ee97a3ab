"""Run the checks on every mutant of the solutions: a survivor is listed as equivalent with a reason, or shows a gap.

    python -m benchmarks.mutants [exercise ...]

Prints the survivors that `solutions/equivalent_mutants.yaml` doesn't explain, and its stale entries, whose mutant no
longer exists or is now caught. The exit status is 0 if there are neither, else 1. Takes some minutes on two cores.
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

from grader.authoring.mutation import Mutant, NoCosmicRay, Position, make_mutants
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
"""The limits for one call, many times what the solutions need, and for all the checks of a mutant."""
CHUNK = 250
"""How many mutants share a process in which the checks are already collected."""


class Change(msgspec.Struct, forbid_unknown_fields=True, rename={"function": "in"}):
    """A mutant as the file describes it: `in` which function, which lines it `was`, and which lines it is `now`."""

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
    """What happened to a mutant: the id of the check that caught it, or an empty string, and that check's status.

    The status is `fault` if the check itself broke because of what the mutant did.
    """

    check: str
    status: str


@dataclass
class Account:
    """What happened to the mutants of one exercise, and which survivors are explained."""

    fates: list[tuple[Mutant, Fate]]
    explained: set[Position] = field(default_factory=set)

    def survivors(self) -> list[Mutant]:
        """List the mutants that no check catches."""
        return [mutant for mutant, fate in self.fates if not fate.check]

    def unexplained(self) -> list[Mutant]:
        """List the survivors that the file doesn't explain."""
        return [mutant for mutant in self.survivors() if mutant.position not in self.explained]

    def faults(self) -> list[tuple[Mutant, Fate]]:
        """List the mutants that broke a check, which no submission should be able to do."""
        return [(mutant, fate) for mutant, fate in self.fates if fate.status == "fault"]

    def stale(self) -> list[tuple[Position, str]]:
        """List the entries whose mutant didn't survive, with what happened to it."""
        caught = {mutant.position: f"caught by {fate.check}" for mutant, fate in self.fates if fate.check}
        stale = self.explained - {mutant.position for mutant in self.survivors()}
        return [(position, caught.get(position, "no such mutant")) for position in sorted(stale, key=str)]


def read_explained(path: Path) -> dict[str, set[Position]]:
    """Read which survivors are explained, by exercise.

    Raises:
        ValueError: the file has the wrong format, lists a mutant twice, or lacks a reason.
    """
    explained: dict[str, set[Position]] = {}
    for exercise, groups in msgspec.yaml.decode(path.read_bytes(), type=dict[str, list[Equivalent]]).items():
        changes = [change for group in groups for change in group.mutants]
        positions = [Position(change.function, change.was, change.now, change.nth) for change in changes]
        explained[exercise] = set(positions)
        twice = [position for position in explained[exercise] if positions.count(position) > 1]
        if twice:
            raise ValueError(f"{path}: this mutant of {exercise} is listed twice; remove one: {twice[0]}")
        without_reason = [group for group in groups if len(group.why.split()) < 3]
        if without_reason:
            raise ValueError(f"{path}: {without_reason[0].mutants[0]} needs a reason. Write a sentence after `why:`.")
    return explained


def run_checks(exercise: str, texts: list[str]) -> list[Fate]:
    """Run an exercise's checks on several texts of its module, each text until one check fails.

    Raises:
        RuntimeError: the checks can't run, or they fail on the solution.
    """
    torch.set_num_threads(1)
    # The time limit interrupts like Ctrl-C, which a shell makes commands in the background ignore.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    course = _with_short_calls(load_course(ROOT / "course.yaml"))
    checks = list(course.by_id[exercise].checks)
    under_test = SubmissionUnderTest(course, diagnosing=False)
    solutions = {e.id: course.solutions / f"{e.id}.py" for e in course.exercises}
    try:
        runner = Runner(course, under_test, checks)
    except GraderError as error:
        raise RuntimeError(str(error)) from error
    with runner, tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        # Nobody reads the failing examples, so there is no need to shrink them.
        configure_hypothesis(shrink=False)
        # The first run triggers what torch imports late, so that the forks don't have to.
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
            # The check that caught this mutant most likely catches its neighbors too.
            checks.sort(key=lambda check: check.id != fate.check)
            fates.append(fate)
    return fates


def _with_short_calls(course: Course) -> Course:
    """Return the course with a short time limit for each call."""
    limits = [msgspec.structs.replace(e.limits, call=CALL_SECONDS) for e in course.exercises]
    exercises = [dataclasses.replace(e, limits=limit) for e, limit in zip(course.exercises, limits, strict=True)]
    return dataclasses.replace(course, exercises=tuple(exercises))


def _in_a_fork(
    runner: Runner, under_test: SubmissionUnderTest, checks: Sequence[Check], files: dict[str, Path]
) -> Fate:
    """Run the checks on modules in a fork of this process, with limits that end it if nothing else does.

    The fork starts with the checks collected and torch loaded. Whatever a mutant does to itself or its process ends
    with the fork. A mutant isn't malicious, so it needs no sandbox.
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
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer:
        return msgspec.json.decode(answer, type=Fate)
    return Fate(checks[0].id, "timeout" if os.WIFSIGNALED(status) else "error")


def _first_failure(runner: Runner, checks: Sequence[Check]) -> Fate:
    for check in checks:
        outcome, _ = runner.run(check)
        if outcome.status != "passed":
            return Fate(check.id, "fault" if outcome.machine else outcome.status)
    return Fate("", "passed")


def account_for(exercises: Iterable[str], explained: Mapping[str, set[Position]], jobs: int) -> dict[str, Account]:
    """Make the mutants of some exercises and run the checks on them, spread over several processes."""
    mutants = {name: make_mutants((ROOT / "solutions" / f"{name}.py").read_text("utf-8")) for name in exercises}
    chunks = [(name, made[k : k + CHUNK]) for name, made in mutants.items() for k in range(0, len(made), CHUNK)]
    accounts = {name: Account([], explained.get(name, set())) for name in mutants}
    # Each chunk has its own process: pytest collects the checks once in each, and nothing is left behind.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        waiting = [pool.submit(run_checks, name, [mutant.text for mutant in chunk]) for name, chunk in chunks]
        for (name, chunk), fates in zip(chunks, waiting, strict=True):
            accounts[name].fates += zip(chunk, fates.result(), strict=True)
    return accounts


def tell(name: str, account: Account) -> str:
    """Describe the mutants of one exercise: a line of numbers, then what there is to do."""
    late = sum(fate.status == "timeout" for _, fate in account.fates)
    survivors, unexplained = account.survivors(), account.unexplained()
    caught = len(account.fates) - len(survivors)
    lines = [
        f"{name}: {len(account.fates)} mutants, {caught} caught ({late} by the time limit), "
        f"{len(survivors) - len(unexplained)} explained, {len(unexplained)} not"
    ]
    for mutant in unexplained:
        lines += [
            f"  survives  line {mutant.line}, {mutant.position.function}, {mutant.operator}",
            *_diff(mutant.position),
        ]
    for mutant, fate in account.faults():
        lines += [f"  breaks    {fate.check}: line {mutant.line}, {mutant.position.function}", *_diff(mutant.position)]
    for position, reason in account.stale():
        lines += [f"  stale     {position.function}: {reason}; remove it from {EXPLAINED.name}", *_diff(position)]
    return "\n".join(lines)


def _diff(position: Position) -> list[str]:
    nth = [f"            (number {position.nth} of these lines)"] if position.nth > 1 else []
    removed = [f"            - {line}" for line in position.was.splitlines()]
    return [*removed, *(f"            + {line}" for line in position.now.splitlines()), *nth]


def main() -> int:
    """Describe the mutants of the exercises named, or of all; return the exit status."""
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
