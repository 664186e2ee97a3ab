"""A failing case can be pasted into a Python prompt, and does there what it did in the check."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.catalogue import misconceptions, with_misconception
from grader.course import Course
from grader.engine import grade
from grader.matrix import alone

CASES = [
    ("layer_norm", "unbiased_variance"),
    ("layer_norm", "input_needs_one_stride"),
    ("causal_attention", "mask_not_cut"),
    ("causal_attention", "weights_detached"),
    pytest.param("gpt_block", "post_norm", marks=pytest.mark.slow),
    ("bpe_tokenizer", "tie_by_id"),
    pytest.param("training_loop", "gradients_not_cleared", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("exercise", "name"), CASES)
def test_a_counterexample_runs_in_a_python_prompt(course: Course, exercise: str, name: str, tmp_path: Path) -> None:
    """Every line of the counterexample runs, up to the exception, if one was what failed."""
    mistake = next(m for m in misconceptions(course, exercise) if m.name == name)
    text = with_misconception(course, exercise, mistake)
    (result,) = grade(course, [alone(course, exercise, name, text)], walls="off")
    (own,) = [check for check in result.exercises[exercise].checks if check.id == mistake.check]
    assert own.status == "failed"
    shutil.copytree(course.solutions, tmp_path / "exercises", ignore=shutil.ignore_patterns("misconceptions"))
    (tmp_path / "exercises" / f"{exercise}.py").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", own.counterexample], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    raised = [
        line.split("raised", 1)[1].split(":")[0].strip() for line in own.message.splitlines() if "  raised " in line
    ]
    if raised:
        assert raised[0] in run.stderr
    else:
        assert run.returncode == 0, f"{own.counterexample}\n{run.stderr}"
