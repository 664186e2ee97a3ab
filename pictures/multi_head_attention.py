"""The attention weights of the learner's module head by head, next to the expected patterns."""

from __future__ import annotations

import torch

from grader.checks import Port, expect_tensor
from grader.pictures import Picture
from pictures.tables import MORE_OUT, MORE_TOKENS, WORDS, drawn, heat_map, one_hot, pattern, sentences
from tests.visible import attention

HEADS = 2
ABOUT = (
    "Each head has its own queries and keys, and so its own pattern. "
    "Each row is a token that looks, each column a token that it looks at; the numbers are percentages."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw a table for each head: the values are one-hot in each, and `out_proj` changes nothing."""
    tokens, width = len(WORDS), len(WORDS) + MORE_OUT
    projections = drawn(HEADS, seed=6)
    module = attention.build(learner, projections, tokens + MORE_TOKENS, num_heads=HEADS)
    output = expect_tensor(module(one_hot()[None]), (1, tokens, HEADS * width), torch.float64, finite=False)
    pictures = []
    for head in range(HEADS):
        weights = output[0, :, head * width : head * width + tokens]
        expected = pattern(projections, head)
        panels = (
            heat_map(f"head {head}: yours", weights, expected),
            heat_map(f"head {head}: expected", expected, expected),
        )
        wrong = sentences(weights, expected, f"head {head}, ")
        pictures.append(Picture(f"Which token looks at which in head {head}", panels, wrong, "" if head else ABOUT))
    return pictures
