"""How much of the tolerances correct answers in other styles use up, over a thousand random cases for each check.

    python -m benchmarks.tolerances [exercise ...] [--examples 1000]

Runs all checks that compare values on every correct answer, each with the number of random cases you ask for, in
float64 and float32, over all the shapes that the checks draw. Prints the false alarms, of which there should be none,
and the largest difference between a correct answer and what was expected, as a share of the bound.
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
    """A pytest plugin that draws many random cases, instead of the few fixed ones, and keeps what they show."""

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

    def isclose(self, got: torch.Tensor, expected: torch.Tensor, **options: object) -> torch.Tensor:
        """Compare as torch does, and record how much of the bound was used."""
        bound = options.get("atol")
        name = str(got.dtype).removeprefix("torch.")
        if isinstance(bound, float) and bound > 0 and name in self.largest and got.numel():
            share = float(((got - expected).abs() / bound).nan_to_num(0.0).max())
            self.compared += 1
            # Anything over the bound is a false alarm, and is counted there.
            self.largest[name] = max(self.largest[name], (share if share <= 1 else 0.0, self.check))
        return _isclose(got, expected, **options)  # type: ignore[arg-type]


_isclose = torch.isclose


def measure(exercise: str, submission: Path, examples: int) -> str:
    """Run an exercise's checks that compare values on a submission, and summarize them in a line."""
    course = load_course(find_course(ROOT))
    measured = Measure(examples)
    torch.isclose = measured.isclose  # type: ignore[assignment]
    files = [str(path) for owner, _, path in course.check_files() if owner.id == exercise]
    options = [*options_for_pytest(course), "-p", "no:terminal", "--hypothesis-seed=2024", "-k", COMPARING]
    pytest.main([*options, "--submission", str(submission), *files], plugins=[measured])
    shares = "  ".join(f"{name} {share:.3g} {check}" for name, (share, check) in measured.largest.items())
    alarms = f"{len(measured.failed)} false alarms {' '.join(measured.failed)}".rstrip()
    return f"{measured.compared} comparisons  largest share of the bound: {shares}  {alarms}"


def submissions(exercises: list[str], folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Write a submission for each correct answer: the solution, the stand-in, and the other styles."""
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
        written = list(submissions(options.exercises, Path(folder)))
        lines = pool.map(lambda entry: measure_apart(entry[0], entry[2], options.examples), written)
        for (exercise, name, _), line in zip(written, lines, strict=True):
            print(f"{exercise:<22}{name:<44}{line}", flush=True)


def measure_apart(exercise: str, submission: Path, examples: int) -> str:
    """Call `measure` in a new process."""
    command = [sys.executable, "-m", "benchmarks.tolerances", exercise, "--one", str(submission)]
    run = subprocess.run([*command, "--examples", str(examples)], cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout.strip().splitlines()[-1] if run.stdout.strip() else f"did not run: {run.stderr[-300:]}"


if __name__ == "__main__":
    main()
