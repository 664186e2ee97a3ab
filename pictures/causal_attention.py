"""The attention weights of the learner's module, beside the pattern that is due."""

from __future__ import annotations

import torch

from grader.checks import Port, expect_tensor
from grader.pictures import Picture
from pictures.tables import MORE_OUT, MORE_TOKENS, WORDS, drawn, heat_map, one_hot, pattern, sentences
from tests.visible import attention

ABOUT = (
    "Each row is a token that asks, each column one that is asked; numbers are percent of the row's interest. "
    "What lies right of the diagonal is the future."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw one table of weights: with one-hot tokens and values the output is the table itself."""
    tokens = len(WORDS)
    projections = drawn(1, seed=4)
    module = attention.build(learner, projections, tokens + MORE_TOKENS)
    output = expect_tensor(module(one_hot()[None]), (1, tokens, tokens + MORE_OUT), torch.float64, finite=False)
    weights, due = output[0, :, :tokens], pattern(projections, 0)
    panels = (heat_map("yours", weights, due), heat_map("due", due, due))
    return [Picture("Who looks at whom", panels, sentences(weights, due), ABOUT)]
