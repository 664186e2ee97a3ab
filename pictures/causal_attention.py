"""The attention weights of the learner's module, next to the expected pattern."""

from __future__ import annotations

import torch

from grader.checks import Port, expect_tensor
from grader.pictures import Picture
from pictures.tables import MORE_OUT, MORE_TOKENS, WORDS, drawn, heat_map, one_hot, pattern, sentences
from tests.visible import attention

ABOUT = (
    "Each row is a token that looks, each column a token that it looks at; the numbers are percentages of the row's "
    "attention. Everything right of the diagonal is the future."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw one table of weights: with one-hot tokens and values the output is the table itself."""
    tokens = len(WORDS)
    projections = drawn(1, seed=4)
    module = attention.build(learner, projections, tokens + MORE_TOKENS)
    output = expect_tensor(module(one_hot()[None]), (1, tokens, tokens + MORE_OUT), torch.float64, finite=False)
    weights, expected = output[0, :, :tokens], pattern(projections, 0)
    panels = (heat_map("yours", weights, expected), heat_map("expected", expected, expected))
    return [Picture("Which token looks at which", panels, sentences(weights, expected), ABOUT)]
