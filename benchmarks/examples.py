"""How many examples the checks need: for which mistakes fewer of them are not enough.

    python -m benchmarks.examples [exercise ...] [--examples 7 15]

Runs the own check of each mistake in the catalog, in every variant, with each number of examples, and prints the
mistakes on which it passes. A check that sets its number itself keeps it. With the number of
`grader.checks.hypothesis_profile`, only variants are left that another check is for. Takes some minutes.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import hypothesis
import torch

from grader.checks.hypothesis_profile import EXAMPLES, configure_hypothesis
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import load_course
from grader.course.mistakes import misconceptions, with_misconception

ROOT = Path(__file__).resolve().parents[1]


def survivors(exercise: str, examples: int) -> tuple[int, list[str]]:
    """Run each mistake's own check with a number of examples, in a process of its own: checks keep their first number.

    Returns:
        The number of mistakes, and the keys of those on which the check passes.
    """
    torch.set_num_threads(1)
    course = load_course(ROOT / "course.yaml")
    configure_hypothesis(shrink=False)
    hypothesis.settings.register_profile("fewer", hypothesis.settings.default, max_examples=examples)
    under_test = SubmissionUnderTest(course, diagnosing=False)
    solutions = {name: course.solutions / f"{name}.py" for name in course.by_id}
    mistakes = [variant for mistake in misconceptions(course, exercise) for variant in mistake.variants]
    passed = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Runner(course, under_test, course.by_id[exercise].checks, at_once=False) as runner,
    ):
        # Pytest's plugin has loaded the usual profile by now; the checks are collected at the first run.
        hypothesis.settings.load_profile("fewer")
        module = Path(folder) / f"{exercise}.py"
        for mistake in mistakes:
            module.write_text(with_misconception(course, exercise, mistake), encoding="utf-8")
            under_test.load({**solutions, exercise: module})
            outcome, _ = runner.run(course.by_id[exercise].check(mistake.check))
            if outcome.status == "passed":
                passed.append(mistake.key)
    return len(mistakes), passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--examples", type=int, nargs="+", default=[EXAMPLES // 2, EXAMPLES])
    options = parser.parse_args()
    exercises = options.exercises or list(load_course(ROOT / "course.yaml").by_id)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, max_tasks_per_child=1) as pool:
        waiting = [
            (exercise, examples, pool.submit(survivors, exercise, examples))
            for exercise, examples in itertools.product(exercises, options.examples)
        ]
        for exercise, examples, future in waiting:
            count, passed = future.result()
            text = ", ".join(passed) or "none"
            print(f"{exercise}, {examples} examples: {len(passed)} of {count} pass their own check: {text}", flush=True)


if __name__ == "__main__":
    main()
