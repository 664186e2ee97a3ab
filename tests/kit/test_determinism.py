"""The same submission gets the same verdict, message, counterexample and diagnosis, however often and beside whom."""

from __future__ import annotations

import dataclasses
import os
import random
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest

from grader.authoring.matrix import alone
from grader.course import Course
from grader.course.mistakes import misconceptions, with_misconception
from grader.grading import Submission
from grader.grading.run import grade

OUTSIDE = Path(__file__).resolve().parent / "outside"
RUNS = int(os.environ.get("DETERMINISM_RUNS", "2"))

CHOSEN = (
    ("layer_norm", "unbiased_variance"),
    ("causal_attention", "dropout_on_the_output"),
    ("causal_attention", "strides_lost"),
    ("training_loop", "gradients_not_cleared"),
    ("bpe_tokenizer", "tie_by_id"),
)
APART = ("first/causal_attention/two_unscaled_no_inverse_dropout.py", "first/bpe_tokenizer/stale_pair_counts.py")
RESTLESS = (
    "import time\n\n\ndef train_bpe(text, vocab_size, special_tokens=()):\n    raise ValueError(time.time_ns())\n"
)


def submissions(course: Course) -> list[Submission]:
    """Return wrong answers of many sorts: values, chance, exceptions, sequences, two at once."""
    given = []
    for exercise, name in CHOSEN:
        mistake = next(m for m in misconceptions(course, exercise) if m.name == name)
        given.append(alone(course, exercise, name, with_misconception(course, exercise, mistake)))
    for name in APART:
        given.append(alone(course, name.split("/")[1], name, (OUTSIDE / name).read_text(encoding="utf-8")))
    return given


@pytest.mark.slow
def test_all_runs_in_any_order_say_the_same(course: Course) -> None:
    """However often, in whatever order and beside whom a submission is graded, all that is said of it is the same."""
    given = [alone(course, "bpe_tokenizer", f"restless#{run}", RESTLESS) for run in range(RUNS)]
    for run in range(RUNS):
        given += [dataclasses.replace(submission, id=f"{submission.id}#{run}") for submission in submissions(course)]
    random.Random(7).shuffle(given)
    said: dict[str, set[bytes]] = defaultdict(set)
    for result in grade(course, given):
        said[result.id.split("#")[0]].add(msgspec.json.encode(result.exercises))
    assert len(said.pop("restless")) == RUNS, "what stands beside the others is to be another each time"
    assert {name: len(results) for name, results in said.items()} == dict.fromkeys(said, 1)
    assert len(said) == len(CHOSEN) + len(APART)
