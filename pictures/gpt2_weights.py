"""Where the columns of `c_attn` end up in the learner's model."""

import torch
from torch import Tensor

from grader.checks import Port, expect_tensor
from grader.pictures import HeatMap, Picture
from tests.visible.gpt2 import SMALL, loaded, params_of, part

CFG = SMALL | {"emb_dim": 2, "n_heads": 1}
C_ATTN = torch.tensor([[0.10, 0.20, 0.30, 0.40, 0.50, 0.60], [0.15, 0.25, 0.35, 0.45, 0.55, 0.65]])
"""The lesson's array."""
NAMES = ("W_query", "W_key", "W_value")
ABOUT = "Each pair of columns of `c_attn` becomes the two rows of one weight."


def columns() -> HeatMap:
    """Describe the array as it is in the file."""
    labels = tuple(f"{letter} {number}" for letter in "qkv" for number in range(2))
    return heat_map("c_attn", C_ATTN, ("input 0", "input 1"), labels)


def heat_map(
    title: str, table: Tensor, rows: tuple[str, ...], columns: tuple[str, ...], right: Tensor | None = None
) -> HeatMap:
    """Describe a table; positions where it differs from the right one are marked."""
    wrong = torch.zeros_like(table, dtype=torch.bool) if right is None else ~torch.isclose(table, right, atol=1e-5)
    marked = frozenset((row, column) for row, column in wrong.nonzero().tolist())
    return HeatMap(title, tuple(map(tuple, table.tolist())), rows, columns, marked)


def weights() -> dict[str, Tensor]:
    """Return the right weights by name, each as (out, in)."""
    return {name: third.T for name, third in zip(NAMES, C_ATTN.chunk(3, dim=1), strict=True)}


def weight_map(name: str, table: Tensor, right: Tensor | None = None, owner: str = "") -> HeatMap:
    """Describe a weight with a row for each output."""
    return heat_map(f"{owner}{name}.weight", table, ("output 0", "output 1"), ("input 0", "input 1"), right)


def pictures(learner: Port) -> list[Picture]:
    """Draw the three weights that the learner's code makes from `c_attn`."""
    params = params_of(CFG)
    params["blocks"][0]["attn"]["c_attn"]["w"] = C_ATTN.numpy()
    parameters = loaded(learner, params, CFG)
    panels, wrong = [columns()], []
    for name, right in weights().items():
        full = f"trf_blocks.0.att.{name}.weight"
        table = expect_tensor(part(parameters, full), (2, 2), torch.float32, full, finite=False)
        panels.append(weight_map(name, table, right, "your "))
        if not torch.allclose(table, right, atol=1e-5):
            turned = "; it is not transposed" if torch.allclose(table, right.T, atol=1e-5) else ""
            wrong.append(f"{name}.weight: got {_rounded(table)}, expected {_rounded(right)}{turned}.")
    return [Picture("Queries, keys and values from c_attn", tuple(panels), tuple(wrong), ABOUT)]


def _rounded(table: Tensor) -> list[list[float]]:
    return [[round(value, 2) for value in row] for row in table.tolist()]
