"""You can paste a failing case into a Python prompt, and it does there what it did in the check."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring.matrix import alone
from grader.course import Course
from grader.course.mistakes import misconception, misconceptions, with_misconception
from grader.grading.results import SubmissionResult
from grader.grading.run import grade

CASES = [
    ("layer_norm", "unbiased_variance"),
    ("layer_norm", "input_needs_one_stride"),
    ("causal_attention", "mask_not_cut"),
    ("causal_attention", "weights_detached"),
    ("bpe_tokenizer", "tie_by_id"),
]
SLOW = [("gpt_block", "post_norm"), ("training_loop", "gradients_not_cleared")]


def text_of(course: Course, exercise: str, name: str) -> str:
    """Return the text of a module with a mistake from the catalog."""
    return with_misconception(course, exercise, misconception(course, exercise, name))


def graded(course: Course, cases: list[tuple[str, str]]) -> dict[str, SubmissionResult]:
    """Grade a class of mistakes, each only with the check that is about it."""
    submissions = []
    for exercise, name in cases:
        checks_about_it = frozenset({misconception(course, exercise, name).check})
        submissions.append(
            dataclasses.replace(alone(course, exercise, name, text_of(course, exercise, name)), checks=checks_about_it)
        )
    return dict(zip([name for _, name in cases], grade(course, submissions, sandbox="off"), strict=True))


@pytest.fixture(scope="module")
def quick(course: Course) -> dict[str, SubmissionResult]:
    """Return the verdicts on the mistakes that are tried every time."""
    return graded(course, CASES)


@pytest.fixture(scope="module")
def slow(course: Course) -> dict[str, SubmissionResult]:
    """Return the verdicts on mistakes of large exercises."""
    return graded(course, SLOW)


@pytest.mark.parametrize(
    ("verdicts", "exercise", "name"),
    [("quick", *case) for case in CASES] + [pytest.param("slow", *case, marks=pytest.mark.slow) for case in SLOW],
)
def test_a_counterexample_runs_in_a_python_prompt(
    course: Course, verdicts: str, exercise: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every line of the counterexample runs, or raises the exception that the check reported."""
    result = request.getfixturevalue(verdicts)[name]
    (mistake,) = [candidate for candidate in misconceptions(course, exercise) if candidate.name == name]
    (check_about_it,) = [check for check in result.exercises[exercise].checks if check.id == mistake.check]
    assert check_about_it.status == "failed"
    assert check_about_it.counterexample
    shutil.copytree(course.solutions, tmp_path / "exercises", ignore=shutil.ignore_patterns("misconceptions"))
    text = text_of(course, exercise, name)
    (tmp_path / "exercises" / f"{exercise}.py").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", check_about_it.counterexample], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    raised = [row.lines[0] for row in check_about_it.rows if row.kind == "raised"]
    if raised:
        assert raised[0].split(":")[0] in run.stderr
    else:
        assert run.returncode == 0, f"{check_about_it.counterexample}\n{run.stderr}"
