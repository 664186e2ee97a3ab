"""The attention weights of both of the learner's classes, next to the expected table."""

from __future__ import annotations

import torch

from grader.checks import Port, expect_tensor
from grader.pictures import HeatMap, Picture, table
from tests.visible import attention, plain_attention

WORDS = ("cold", "fresh", "milk")
X = torch.eye(3, dtype=torch.float64)
QUERIES = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [2.0, 2.0, 0.0, 0.0]], dtype=torch.float64)
KEYS = torch.tensor([[0.0, 1.0, 3.0, 0.0], [2.0, 1.0, 0.0, 1.0], [2.0, 2.0, 3.0, 1.0]], dtype=torch.float64)
"""The lesson's queries and keys. Tokens and values are one-hot here, so that the output is the table of weights."""
ABOUT = (
    "The lesson's example: each row is a token that looks, each column a token that it looks at; "
    "the numbers are percentages of the row's attention."
)


def heat_map(title: str, weights: torch.Tensor, expected: torch.Tensor) -> HeatMap:
    """Make a heat map of weights over the lesson's words, and mark those that differ from the expected ones."""
    wrong = ~torch.isclose(weights, expected, rtol=0, atol=1e-4)
    marked = frozenset((row, column) for row, column in wrong.nonzero().tolist())
    return HeatMap(title, table(weights.tolist()), WORDS, WORDS, marked)


def sentences(name: str, weights: torch.Tensor, expected: torch.Tensor) -> tuple[str, ...]:
    """Say what is wrong in a table of weights; only the most telling fact, if there is one."""
    wrong = ~torch.isclose(weights, expected, rtol=0, atol=1e-4)
    if not bool(wrong.any()):
        return ()
    later = weights.triu(1).abs() < 1e-4
    if bool(later[0, 1:].all()):
        return (f"{name}: row 0 ('cold') sees no later token, but nothing is hidden in this exercise.",)
    off = ((weights.sum(dim=1) - 1).abs() > 1e-4).nonzero().flatten().tolist()
    if off:
        columns = torch.allclose(weights.sum(dim=0), torch.ones(3, dtype=weights.dtype), atol=1e-4)
        hint = "; but your columns do: softmax goes over the keys" if columns else ""
        row = off[0]
        return (f"{name}: row {row} ({WORDS[row]!r}) sums to {weights[row].sum():.2f}, not to 1{hint}.",)
    row, column = wrong.nonzero().tolist()[0]
    return (
        f"{name}: row {row} ({WORDS[row]!r}) gives {WORDS[column]!r} {weights[row, column]:.3f} of its attention, "
        f"expected {expected[row, column]:.3f}.",
    )


def pictures(learner: Port) -> list[Picture]:
    """Draw the table of weights of each class."""
    values = torch.eye(4, 3, dtype=torch.float64)
    projections = attention.projections(QUERIES.T.contiguous(), KEYS.T.contiguous(), values)
    expected = torch.softmax(QUERIES @ KEYS.T / 2, dim=1)
    drawn = []
    for name in (plain_attention.V1, plain_attention.V2):
        output = plain_attention.build(learner, name, projections)(X)
        weights = expect_tensor(output, (3, 4), torch.float64, finite=False)[:, :3]
        panels = (heat_map(f"{name}: yours", weights, expected), heat_map("expected", expected, expected))
        about = ABOUT if name == plain_attention.V1 else ""
        drawn.append(
            Picture(f"Which token looks at which in {name}", panels, sentences(name, weights, expected), about)
        )
    return drawn
