"""What the columns of the learner's output are made of: which head has a part in which column."""

from __future__ import annotations

import torch

from grader.checks import Port, expect_tensor
from grader.pictures import HeatMap, Picture, table
from tests.visible.side_by_side import WRAPPER

HEADS, WIDTH = 3, 2
SIZE = {**WRAPPER.sizes, "tokens": 1, "batch": 1, "num_heads": HEADS, "d_out": WIDTH}
ROWS = tuple(f"head {head}" for head in range(HEADS))
COLUMNS = tuple(f"col {column}" for column in range(HEADS * WIDTH))
OWNERS = torch.eye(HEADS).repeat_interleave(WIDTH, dim=1)
"""The expected table, (heads, columns): 1 if the head makes the column."""
ABOUT = "Each row is a head, each column a column of the output; 100 marks the columns that the head makes."


def heat_map(title: str, shares: torch.Tensor) -> HeatMap:
    """Make a heat map of who makes which column, and mark what isn't as expected."""
    wrong = ~torch.isclose(shares, OWNERS, rtol=0, atol=1e-4)
    marked = frozenset((row, column) for row, column in wrong.nonzero().tolist())
    return HeatMap(title, table(shares.tolist()), ROWS, COLUMNS, marked)


def made_by(port: Port, head: int) -> torch.Tensor:
    """Return the only token's output if this head's values are ones and those of the other heads zeros."""
    drawn = {name: torch.zeros_like(value) for name, value in WRAPPER.parameters(SIZE, 1).items()}
    drawn[f"heads.{head}.W_value.weight"][:, 0] = 1.0
    output = WRAPPER.built(port, SIZE, drawn)(torch.ones(1, 1, 3, dtype=torch.float64))
    return expect_tensor(output, (1, 1, HEADS * WIDTH), torch.float64, finite=False)[0, 0].float()


def pictures(learner: Port) -> list[Picture]:
    """Draw the table of heads and columns, next to the expected one."""
    shares = torch.stack([made_by(learner, head) for head in range(HEADS)])
    wrong = []
    for head in range(HEADS):
        made = [column for column in range(HEADS * WIDTH) if abs(float(shares[head, column])) > 1e-4]
        expected = list(range(head * WIDTH, (head + 1) * WIDTH))
        if made != expected:
            wrong.append(f"head {head} makes columns {made}, expected {expected}.")
    panels = (heat_map("yours", shares), heat_map("expected", OWNERS))
    return [Picture("Which head makes which column", panels, tuple(wrong), ABOUT)]
