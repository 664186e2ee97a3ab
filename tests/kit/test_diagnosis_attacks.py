"""Odd answers can't make a diagnosis cost the result, much time or memory, or anything for other submissions."""

from __future__ import annotations

import dataclasses

import pytest

from grader.authoring.matrix import alone, not_passed
from grader.course import Course
from grader.grading.run import grade

HEAD = """\
import torch
from torch import nn


class CausalAttention(nn.Module):
    calls = 0

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))

    def forward(self, x):
        CausalAttention.calls += 1
"""

CHECKS = frozenset(["test_output_equals_torchs_attention", "test_training_mode_drops_weights_at_the_rate_asked"])

ANSWERS = {
    "what looks like the grader's own": 'return ["sums", "torch.float64", [2**62] * 200, 1, 1, 1]',
    "another such": 'return ["spread", "torch.float64", [1], x, x, x, [0.0], 64]',
    "the same at great length": 'return ["sums", "torch.float64", [2**62] * 20_000, 1, 1, 1]',
    "many dimensions": "return torch.rand([2] * 17)",
    "many numbers": "return torch.rand(500_000)",
    "many floats in a list": "return [0.5] * 60_000",
    "deep": "y = x\n        for _ in range(30):\n            y = [y, 1.0]\n        return y",
    "another each time": "return x * CausalAttention.calls",
    "another sort each time": "return [x, None, 1.0, 'a', {'b': x}][CausalAttention.calls % 5]",
    "not numbers": "return x * float('nan')",
    "slow where it is asked again": "import time; time.sleep(CausalAttention.calls > 40); return x",
}


QUICK = list(ANSWERS)[:2]


@pytest.mark.parametrize("answers", [QUICK, pytest.param(list(ANSWERS)[len(QUICK) :], marks=pytest.mark.slow)])
def test_odd_answers_are_verdicts_like_any_other(course: Course, answers: list[str]) -> None:
    """Each fails its checks, isn't blamed on the grader, and leaves the grader process unchanged."""
    text = (course.solutions / "causal_attention.py").read_text(encoding="utf-8")
    given = []
    for answer in answers:
        given.append(alone(course, "causal_attention", answer, HEAD + f"        {ANSWERS[answer]}\n"))
        given.append(alone(course, "causal_attention", f"right after {answer}", text))
    results = grade(course, [dataclasses.replace(made, checks=CHECKS) for made in given], jobs=1)
    assert not [result.id for result in results if result.fault]
    for odd, right in zip(results[::2], results[1::2], strict=True):
        assert not any(check.status == "passed" for check in odd.exercises["causal_attention"].checks), odd.id
        assert not not_passed(right, "causal_attention"), right.id
