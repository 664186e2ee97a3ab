"""The model of the exercises is GPT-2: with the same weights, it gives the logits of Hugging Face's GPT-2.

The exercise `gpt2_weights` puts the weights there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from grader.course import Course
from grader.course.mistakes import right_answers
from grader.port import Handle, InProcess, Port, Workspace
from tests.kit.gpt2 import hugging_face_gpt2, openai_params, our_parameters

CFG = {"vocab_size": 11, "context_length": 7, "emb_dim": 12, "n_heads": 3, "n_layers": 3}
OURS = CFG | {"drop_rate": 0.1, "qkv_bias": True}
PARTS = ("layer_norm", "multi_head_attention", "gpt_block", "gpt_model")
CLOSE = {torch.float64: 1e-11, torch.float32: 1e-4}
"""How close logits around 10 are, with three layers of random weights before them."""


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("folder", ["solutions", "standins"])
def test_our_gpt_model_is_hugging_faces_gpt2(course: Course, folder: str, dtype: torch.dtype) -> None:
    """The solution and the stand-in give the logits of Hugging Face's GPT-2, in both dtypes, for texts of any length."""
    theirs = hugging_face_gpt2(CFG)
    where: Path = getattr(course, folder)
    port = Port(InProcess(Workspace({part: where / f"{part}.py" for part in PARTS})), "gpt_model")
    port.begin()
    ours = port.build("GPTModel", cfg=OURS).eval()
    ours = ours.double() if dtype is torch.float64 else ours
    ours.set_parameters({name: value.to(dtype) for name, value in our_parameters(openai_params(theirs)).items()})
    expect_equal_logits(ours, theirs.to(dtype), dtype)


def test_every_right_answer_loads_hugging_faces_gpt2(course: Course) -> None:
    """Each right answer to `gpt2_weights` makes a `GPTModel` give the logits of Hugging Face's GPT-2."""
    theirs = hugging_face_gpt2(CFG)
    params = openai_params(theirs)
    for answer in right_answers(course, "gpt2_weights"):
        modules = {part: course.solutions / f"{part}.py" for part in PARTS} | {"gpt2_weights": answer}
        port = Port(InProcess(Workspace(modules)), "gpt2_weights")
        port.begin()
        ours = port.build_from("gpt_model", "GPTModel", cfg=OURS).eval().double()
        port.keep("load_weights_into_gpt", ours, params)
        expect_equal_logits(ours, theirs, torch.float64)


def expect_equal_logits(ours: Handle, theirs: Any, dtype: torch.dtype) -> None:
    """Fail unless two models give the same logits for texts of any length."""
    for tokens in (1, 4, CFG["context_length"]):
        ids = torch.randint(CFG["vocab_size"], (2, tokens), generator=torch.Generator().manual_seed(tokens))
        got, expected = ours(ids), theirs(ids).logits.detach()
        assert isinstance(got, torch.Tensor)
        assert got.dtype == expected.dtype == dtype
        assert float((got - expected).abs().max()) < CLOSE[dtype]
