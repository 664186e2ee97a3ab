"""Two rows before and after the learner's layer norm, beside what torch makes of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.checks import Port, expect_tensor
from grader.pictures import Bars, Picture

ROWS = ((1.0, 3.0, 4.0, 5.0, 7.0), (10.0, 10.0, 10.0, 10.0, 20.0))
"""The lesson's two tokens."""
TOLERANCE = 1e-3
ABOUT = "A bar for each feature of one token. The pattern stays; size and level go: mean 0, variance 1."


def pictures(learner: Port) -> list[Picture]:
    """Draw each row before, after the learner's norm, and as it is due."""
    x = torch.tensor(ROWS, dtype=torch.float64)
    features = x.shape[1]
    module = learner.build("LayerNorm", emb_dim=features).double()
    output = expect_tensor(module(x), tuple(x.shape), torch.float64, finite=False)
    due = F.layer_norm(x, (features,))
    labels = tuple(f"f{place}" for place in range(features))
    found = []
    for row in range(len(ROWS)):
        panels = (
            Bars("yours, after", labels, tuple(output[row].tolist())),
            Bars("due, after", labels, tuple(due[row].tolist())),
            Bars("before", labels, ROWS[row]),
        )
        found.append(Picture(f"Token {row}, normalised", panels, _sentences(row, output, due), "" if row else ABOUT))
    return found


def _sentences(row: int, output: Tensor, due: Tensor) -> tuple[str, ...]:
    got = output[row]
    if torch.allclose(got, due[row], rtol=0, atol=TOLERANCE):
        return ()
    if not bool(torch.isfinite(got).all()):
        return (f"token {row} holds values that are not numbers: is something divided by 0?",)
    told = []
    mean, variance = float(got.mean()), float(got.var(correction=0))
    if abs(mean) > TOLERANCE:
        told.append(f"token {row} has mean {mean:.3f} after your norm, where 0 is due.")
    if abs(variance - float(due[row].var(correction=0))) > TOLERANCE:
        told.append(f"token {row} has variance {variance:.3f} after your norm, where 1 is due.")
    place = int((got - due[row]).abs().argmax())
    return tuple(told) or (
        f"token {row}, feature {place} becomes {got[place]:.3f}, where {due[row, place]:.3f} is due.",
    )
