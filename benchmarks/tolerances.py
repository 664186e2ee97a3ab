"""How far right answers in other styles lie apart, as a share of what the tolerances allow, over a thousand seeds.

Run it with: python -m benchmarks.tolerances [exercise ...] [--examples 1000]

All checks that compare values run on every right answer with as many random cases each as asked for, in float64 and
float32, over all the shapes that the checks draw. Printed are the false alarms, of which there should be none, and the
largest difference between a right answer and what was due, as a share of the bound that it was held against.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis
import pytest
import torch

from grader.checks.plugin import options_for_pytest
from grader.course import find_course, load_course
from grader.course.mistakes import right_answers, write_submission

ROOT = Path(__file__).resolve().parents[1]
COMPARING = "equal or float32 or gradients_fit"


class Measure:
    """A pytest plugin: many random cases in the place of the few that are the same each time, and what they show."""

    def __init__(self, examples: int) -> None:
        self.examples = examples
        self.failed: list[str] = []
        self.largest = {"float64": (0.0, ""), "float32": (0.0, "")}
        self.check = ""
        self.compared = 0

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        grader = hypothesis.settings.get_profile("grader")
        many = hypothesis.settings(grader, max_examples=self.examples, derandomize=False)
        hypothesis.settings.register_profile("many", many)
        hypothesis.settings.load_profile("many")

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.check = item.name

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid.split("::")[-1])

    def isclose(self, one: torch.Tensor, other: torch.Tensor, **options: object) -> torch.Tensor:
        """Compare as torch does, and note how much of the bound was used."""
        bound = options.get("atol")
        name = str(one.dtype).removeprefix("torch.")
        if isinstance(bound, float) and bound > 0 and name in self.largest and one.numel():
            share = float(((one - other).abs() / bound).nan_to_num(0.0).max())
            self.compared += 1
            # What is over the bound is a false alarm, and counted as such.
            self.largest[name] = max(self.largest[name], (share if share <= 1 else 0.0, self.check))
        return _isclose(one, other, **options)  # type: ignore[arg-type]


_isclose = torch.isclose


def measure(exercise: str, submission: Path, examples: int) -> str:
    """Run the comparing checks of an exercise on a submission in this process, and tell what they showed in a line."""
    course = load_course(find_course(ROOT))
    found = Measure(examples)
    torch.isclose = found.isclose  # type: ignore[assignment]
    files = [str(path) for owner, _, path in course.check_files() if owner.id == exercise]
    options = [*options_for_pytest(course), "-p", "no:terminal", "--hypothesis-seed=2024", "-k", COMPARING]
    pytest.main([*options, "--submission", str(submission), *files], plugins=[found])
    shares = "  ".join(f"{name} {share:.3g} {check}" for name, (share, check) in found.largest.items())
    alarms = f"{len(found.failed)} false alarms {' '.join(found.failed)}".rstrip()
    return f"{found.compared} comparisons  largest share of the bound: {shares}  {alarms}"


def submissions(exercises: list[str], folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Write a submission for each right answer: the solution, the stand-in, and the other styles."""
    course = load_course(find_course(ROOT))
    for exercise in course.exercises:
        if exercises and exercise.id not in exercises:
            continue
        for path in right_answers(course, exercise.id):
            text = path.read_text(encoding="utf-8")
            name = f"{path.parent.name}-{path.stem}"
            yield exercise.id, name, write_submission(course, folder / exercise.id / name, {exercise.id: text})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(measure(options.exercises[0], options.one, options.examples))
        return
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        given = list(submissions(options.exercises, Path(folder)))
        lines = pool.map(lambda one: told(one[0], one[2], options.examples), given)
        for (exercise, name, _), line in zip(given, lines, strict=True):
            print(f"{exercise:<22}{name:<44}{line}", flush=True)


def told(exercise: str, submission: Path, examples: int) -> str:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.tolerances", exercise, "--one", str(submission)]
    run = subprocess.run([*command, "--examples", str(examples)], cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout.strip().splitlines()[-1] if run.stdout.strip() else f"did not run: {run.stderr[-300:]}"


if __name__ == "__main__":
    main()
