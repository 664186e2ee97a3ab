"""Two rows before and after the learner's layer norm, next to torch's results."""

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.checks import Port, expect_tensor
from grader.pictures import Bars, Picture

ROWS = torch.tensor([[1.0, 3.0, 4.0, 5.0, 7.0], [10.0, 10.0, 10.0, 10.0, 20.0]], dtype=torch.float64)
"""The lesson's two tokens."""
TOLERANCE = 1e-3
ABOUT = (
    "A bar for each feature of one token. The pattern stays, but its size and level change: "
    "the mean becomes 0 and the variance 1."
)


def bars(title: str, row: Tensor) -> Bars:
    """Describe a bar for each feature of a token."""
    return Bars(title, tuple(f"f{feature}" for feature in range(len(row))), tuple(row.tolist()))


def pictures(learner: Port) -> list[Picture]:
    """Draw each row before and after the learner's norm, and as it should be."""
    module = learner.build("LayerNorm", emb_dim=ROWS.shape[1]).double()
    output = expect_tensor(module(ROWS), tuple(ROWS.shape), torch.float64, finite=False)
    drawn = []
    for token, (before, got, expected) in enumerate(zip(ROWS, output, F.layer_norm(ROWS, (5,)), strict=True)):
        panels = (bars("yours, after", got), bars("expected, after", expected), bars("before", before))
        wrong = _sentences(f"token {token}", got, expected)
        drawn.append(Picture(f"Token {token}, normalized", panels, wrong, "" if token else ABOUT))
    return drawn


def _sentences(token: str, got: Tensor, expected: Tensor) -> tuple[str, ...]:
    if torch.allclose(got, expected, rtol=0, atol=TOLERANCE):
        return ()
    if not bool(torch.isfinite(got).all()):
        return (f"{token} has values that are not numbers: do you divide something by 0?",)
    wrong = []
    for name, value, right in (("mean", got.mean(), 0.0), ("variance", got.var(correction=0), 1.0)):
        if abs(value - right) > TOLERANCE:
            wrong.append(f"{token} has {name} {value:.3f} after your norm, expected {right:g}.")
    feature = int((got - expected).abs().argmax())
    return tuple(wrong) or (f"{token}, feature {feature}: got {got[feature]:.3f}, expected {expected[feature]:.3f}.",)
