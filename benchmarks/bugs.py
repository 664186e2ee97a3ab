"""Plants bugs in the solutions, as if they were a learner's code, and verifies each: `grader bugs` in numbers.

    python -m benchmarks.bugs [--count 200] [exercise ...]

Every fourth program gets two bugs. For each: the file in `bugs/` can be imported, a visible check fails on it, each bug
fails one by itself, and after `grader bugs --stop` every file in exercises/ is the same, byte for byte. Prints how many
were planted, how many were rejected and why, and both by operator. The exit status is 1 if anything wasn't as it should
be. Takes some minutes on one core.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from grader.course import Course, load_course
from grader.course.stub import without_marks
from grader.port import Workspace
from grader.practice.bugs import applied, decoded
from grader.practice.planting import Account, Plant, plant
from grader.practice.trials import Trials
from grader.study.hunt import Hunt, Hunts, PlantedBug, planted_file
from grader.study.hunting import put_in_place, stop

ROOT = Path(__file__).resolve().parents[1]
TWO = 4
"""Every so many programs get two bugs."""


@dataclass
class Result:
    """What happened to the bugs of one exercise."""

    planted: Counter[str] = field(default_factory=Counter)
    programs: int = 0
    none: int = 0
    account: Account = field(default_factory=lambda: Account(most=100_000))
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def copy_of_course(folder: Path) -> Course:
    """Copy what a learner has, with the solutions as their code."""
    for name in ("tests/visible", "solutions/standins", "capstone"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "course.yaml", folder)
    (folder / "exercises").mkdir()
    for path in (ROOT / "solutions").glob("*.py"):
        text = without_marks(path.read_text(encoding="utf-8"))
        (folder / "exercises" / path.name).write_text(text, encoding="utf-8")
    return load_course(folder / "course.yaml")


def plant_some(course: Course, exercise: str, count: int) -> Result:
    """Plant bugs in the code of one exercise, and verify each."""
    result = Result()
    begin = time.monotonic()
    before = {path.name: path.read_bytes() for path in course.stubs.glob("*.py")}
    others = {each.id: course.stubs / f"{each.id}.py" for each in course.exercises}
    text = decoded(before[f"{exercise}.py"])
    right = {name: decoded(before[f"{name}.py"]) for name in (exercise, *course.all_needs(exercise))}
    with Trials(course, exercise, others) as trials:
        if not trials.accept(text):
            outcomes = trials.run(text).outcomes.items()
            failed = [f"{check} ({outcome.status})" for check, outcome in outcomes if outcome.status != "passed"]
            result.problems.append(f"{exercise}: the solution doesn't pass: {', '.join(failed)}")
            return result
        for number in range(count):
            account = Account()
            made = plant(trials, text, 2 if number % TWO == TWO - 1 else 1, random.Random(number), account)
            for reason, counts in account.rejected.items():
                result.account.rejected.setdefault(reason, Counter()).update(counts)
            if made is None:
                result.none += 1
                result.problems.append(f"{exercise}, {number}: no bug was found")
                continue
            result.programs += 1
            result.planted.update(bug.operator for bug in made.bugs)
            result.problems += [f"{exercise}, {number}: {p}" for p in verify(course, exercise, right, made, trials)]
            after = {path.name: path.read_bytes() for path in course.stubs.glob("*.py")}
            if after != before:
                result.problems.append(f"{exercise}, {number}: a file in exercises/ has changed")
    result.seconds = time.monotonic() - begin
    return result


def verify(course: Course, exercise: str, right: dict[str, str], made: Plant, trials: Trials) -> list[str]:
    """Begin a hunt with bugs, verify what `Result` counts as problems, and stop it."""
    problems = []
    bugs = [PlantedBug(bug.kind, bug.function) for bug in made.bugs]
    hunt = Hunt(exercise, len(bugs), 0, right, made.text, bugs, list(made.options))
    put_in_place(course, Hunts(0), hunt)
    path = planted_file(course, hunt)
    written = decoded(path.read_bytes())
    if written != made.text or written == right[exercise]:
        problems.append("the file in bugs/ isn't the code with the bug")
    workspace = Workspace({file.stem: file for file in path.parent.glob("*.py")})
    try:
        workspace.module(exercise)
    except Exception as error:
        problems.append(f"the import fails: {error!r}")
    finally:
        workspace.close()
    if not trials.reject(written):
        problems.append("no visible check fails")
    for bug in made.bugs:
        if len(made.bugs) > 1 and not trials.reject(applied(right[exercise], bug.changes)):
            problems.append(f"{bug.operator} fails no visible check by itself")
    if len(set(made.options)) != 4 or not {bug.kind for bug in made.bugs} <= set(made.options):
        problems.append("the names to choose from are wrong")
    stop(course, print)
    if path.exists():
        problems.append("the file in bugs/ is still there")
    return problems


def table(results: dict[str, Result]) -> str:
    """Write the figures as two tables in Markdown: by exercise, and by operator."""
    reasons = sorted({reason for result in results.values() for reason in result.account.rejected})
    lines = [f"| exercise | programs | bugs | {' | '.join(reasons)} | seconds |", "|---" * (4 + len(reasons)) + "|"]
    for name, result in results.items():
        counts = [str(sum(result.account.rejected.get(reason, Counter()).values())) for reason in reasons]
        bugs = sum(result.planted.values())
        lines.append(f"| {name} | {result.programs} | {bugs} | {' | '.join(counts)} | {result.seconds:.0f} |")
    planted: Counter[str] = Counter()
    rejected: dict[str, Counter[str]] = {reason: Counter() for reason in reasons}
    for result in results.values():
        planted.update(result.planted)
        for reason, counter in result.account.rejected.items():
            rejected[reason].update(counter)
    lines += ["", f"| operator | planted | {' | '.join(reasons)} |", "|---" * (2 + len(reasons)) + "|"]
    for operator in sorted({*planted, *(name for counter in rejected.values() for name in counter)}):
        counts = [str(rejected[reason][operator]) for reason in reasons]
        lines.append(f"| {operator} | {planted[operator]} | {' | '.join(counts)} |")
    programs = sum(result.programs for result in results.values())
    lines += ["", f"{programs} programs with {sum(planted.values())} bugs."]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant bugs in the exercises named, or in all; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bugs", description="Plant bugs, and verify each.")
    parser.add_argument("exercises", nargs="*", metavar="exercise")
    parser.add_argument("--count", type=int, default=200, help="how many programs get bugs")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    results = {}
    with tempfile.TemporaryDirectory(prefix="bugs-") as folder:
        course = copy_of_course(Path(folder))
        names = options.exercises or list(course.by_id)
        for position, name in enumerate(names):
            count = options.count // len(names) + (position < options.count % len(names))
            results[name] = plant_some(course, name, count)
            print(f"{name}: {results[name].programs} in {results[name].seconds:.0f} s", flush=True)
    problems = [problem for result in results.values() for problem in result.problems]
    print(table(results))
    print(*problems, f"{len(problems)} problems", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
