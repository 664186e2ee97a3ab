"""How many examples the checks need: for which mistakes fewer of them are not enough.

    python -m benchmarks.examples [exercise ...] [--examples 7 15]

Runs the own check of each mistake in the catalog, in every variant, with each number of examples, and prints the
mistakes on which it passes, and how many questions all checks ask the solution. A check that sets its number itself
keeps it. With the number of `grader.checks.hypothesis_profile`, only variants are left that another check is for. Takes
some minutes.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import torch

from grader.checks.hypothesis_profile import EXAMPLES, configure_hypothesis
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import load_course
from grader.course.mistakes import misconceptions, with_misconception
from grader.port import InProcess
from grader.wire.requests import AnyRequest, Reply

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Trial:
    """What an exercise's checks do with a number of examples.

    Attributes:
        questions: how many questions they ask the solution.
        mistakes: the number of mistakes.
        passed: the keys of those on which their own check passes.
    """

    questions: int
    mistakes: int
    passed: list[str]


class _Counting(InProcess):
    """Counts the questions."""

    asked = 0

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        _Counting.asked += len(requests)
        return super().ask(requests, seconds)


def tried(exercise: str, examples: int) -> Trial:
    """Run checks with a number of examples, in a process of its own: checks keep their first number."""
    torch.set_num_threads(1)
    course = load_course(ROOT / "course.yaml")
    configure_hypothesis(shrink=False)
    hypothesis.settings.register_profile("fewer", hypothesis.settings.default, max_examples=examples)
    under_test = SubmissionUnderTest(course, _Counting, diagnosing=False)
    solutions = {name: course.solutions / f"{name}.py" for name in course.by_id}
    mistakes = [variant for mistake in misconceptions(course, exercise) for variant in mistake.variants]
    passed = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Runner(course, under_test, course.by_id[exercise].checks, at_once=False) as runner,
    ):
        # Pytest's plugin has loaded the usual profile by now; the checks are collected at the first run.
        hypothesis.settings.load_profile("fewer")
        under_test.load(solutions)
        for check in course.by_id[exercise].checks:
            runner.run(check)
        questions = _Counting.asked
        module = Path(folder) / f"{exercise}.py"
        for mistake in mistakes:
            module.write_text(with_misconception(course, exercise, mistake), encoding="utf-8")
            under_test.load({**solutions, exercise: module})
            outcome, _ = runner.run(course.by_id[exercise].check(mistake.check))
            if outcome.status == "passed":
                passed.append(mistake.key)
    return Trial(questions, len(mistakes), passed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--examples", type=int, nargs="+", default=[EXAMPLES // 2, EXAMPLES])
    options = parser.parse_args()
    exercises = options.exercises or list(load_course(ROOT / "course.yaml").by_id)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, max_tasks_per_child=1) as pool:
        waiting = [
            (exercise, examples, pool.submit(tried, exercise, examples))
            for exercise, examples in itertools.product(exercises, options.examples)
        ]
        for exercise, examples, future in waiting:
            trial = future.result()
            text = ", ".join(trial.passed) or "none"
            print(
                f"{exercise}, {examples} examples: {trial.questions} questions; "
                f"{len(trial.passed)} of {trial.mistakes} mistakes pass their own check: {text}",
                flush=True,
            )


if __name__ == "__main__":
    main()
