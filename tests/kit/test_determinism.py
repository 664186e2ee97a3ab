"""The same submission gets the same result, message, counterexample and diagnosis every time, in any company."""

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
from grader.course.mistakes import misconception, with_misconception
from grader.grading import GraderPool, GradingOptions, Submission
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


def twice(given: list[Submission]) -> list[Submission]:
    """Return each submission twice, so that the second one replies as an earlier one did."""
    return [dataclasses.replace(submission, id=f"{submission.id}#{run}") for run in (1, 2) for submission in given]


def graded(course: Course, given: list[Submission], options: GradingOptions) -> bytes:
    """Return all results as they are written, from one grader process, so that earlier ones could affect later ones."""
    with GraderPool(course, 1, options) as graders:
        return msgspec.json.encode(graders.grade(given))


def submissions(course: Course) -> list[Submission]:
    """Return wrong answers of many kinds: values, chance, exceptions, sequences, two at once."""
    given = []
    for exercise, name in CHOSEN:
        mistake = misconception(course, exercise, name)
        given.append(alone(course, exercise, name, with_misconception(course, exercise, mistake)))
    for name in APART:
        given.append(alone(course, name.split("/")[1], name, (OUTSIDE / name).read_text(encoding="utf-8")))
    return given


@pytest.mark.slow
def test_all_runs_in_any_order_say_the_same(course: Course) -> None:
    """However often, in whatever order and next to whatever others a submission is graded, its result is the same."""
    given = [alone(course, "bpe_tokenizer", f"restless#{run}", RESTLESS) for run in range(RUNS)]
    for run in range(RUNS):
        given += [dataclasses.replace(submission, id=f"{submission.id}#{run}") for submission in submissions(course)]
    random.Random(7).shuffle(given)
    answers: dict[str, set[bytes]] = defaultdict(set)
    for result in grade(course, given):
        answers[result.id.split("#")[0]].add(msgspec.json.encode(result.exercises))
    assert len(answers.pop("restless")) == RUNS, "the submission next to the others must differ each time"
    assert {name: len(results) for name, results in answers.items()} == dict.fromkeys(answers, 1)
    assert len(answers) == len(CHOSEN) + len(APART)


def test_results_are_the_same_with_and_without_what_makes_grading_fast(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A right and a wrong answer, each graded twice, get the same bytes with every switch on and with all of them off."""
    mistake = misconception(course, "layer_norm", "unbiased_variance")
    right = (course.solutions / "layer_norm.py").read_text(encoding="utf-8")
    given = twice(
        [
            alone(course, "layer_norm", "right", right),
            alone(course, "layer_norm", "wrong", with_misconception(course, "layer_norm", mistake)),
        ]
    )
    fast = graded(course, given, GradingOptions())
    monkeypatch.setenv("GRADER_OFF", "replay,torch_names,large_pages")
    off = GradingOptions()
    assert not off.replay
    assert graded(course, given, off) == fast


@pytest.mark.slow
def test_replay_changes_no_result(course: Course) -> None:
    """Wrong answers of many kinds get the same bytes whether or not conversations are replayed."""
    given = twice(submissions(course))
    assert graded(course, given, GradingOptions(replay=False)) == graded(course, given, GradingOptions(replay=True))
