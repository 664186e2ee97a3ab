"""The learner's GELU next to torch's and ReLU, and the lesson's block by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.checks import Port, expect_tensor
from grader.pictures import Bars, Curve, Curves, Picture
from tests.visible import blocks

POINTS = 65
TOLERANCE = 1e-4
X = (1.0, 3.0)
LABELS = ("f0", "f1")
CLOSE = 1e-3
"""The lesson's numbers forget about eps."""
ABOUT_BLOCK = (
    "The lesson's block by hand: one token, x = (1, 3); attention gives what it is given, "
    "and the feed-forward network is GELU of each feature."
)
ABOUT_GELU = (
    "GELU lets a little of a negative number through, and ReLU lets nothing through: it dips to -0.17 near x = -0.75."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the activation and the block."""
    return [_gelu(learner), _block(learner)]


def _gelu(learner: Port) -> Picture:
    x = torch.linspace(-4, 4, POINTS, dtype=torch.float64)
    got = expect_tensor(learner.build("GELU")(x), (POINTS,), torch.float64, finite=False)
    expected = F.gelu(x, approximate="tanh")
    curves = tuple(
        Curve(label, tuple(zip(x.tolist(), y.tolist(), strict=True)))
        for label, y in (("yours", got), ("torch's, tanh form", expected), ("ReLU", F.relu(x)))
    )
    panel = Curves("GELU", curves, x_label="x")
    return Picture("The activation", (panel,), _about_gelu(x, got, expected), ABOUT_GELU)


def _about_gelu(x: Tensor, got: Tensor, expected: Tensor) -> tuple[str, ...]:
    if not bool(torch.isfinite(got).all()):
        return ("your GELU returns values that are not numbers.",)
    for name, other in (("ReLU", F.relu(x)), ("the exact GELU, not its tanh form", F.gelu(x))):
        if torch.allclose(got, other, rtol=0, atol=1e-6):
            return (f"your GELU is {name}.",)
    worst = int((got - expected).abs().argmax())
    if abs(float(got[worst] - expected[worst])) <= TOLERANCE:
        return ()
    return (f"GELU at x = {x[worst]:.2f}: got {got[worst]:.4f}, expected {expected[worst]:.4f}.",)


def _block(learner: Port) -> Picture:
    block = blocks.built(learner, emb_dim=2)
    eye = torch.eye(2, dtype=torch.float64)
    widened = torch.cat([eye, torch.zeros(6, 2, dtype=torch.float64)])
    drawn = {name: torch.zeros(shape, dtype=torch.float64) for name, shape in blocks.shapes_of(2).items()}
    drawn |= {"att.W_value.weight": eye, "att.out_proj.weight": eye}
    drawn |= {"ff.layers.0.weight": widened, "ff.layers.2.weight": widened.T.contiguous()}
    drawn |= {f"{norm}.scale": torch.ones(2, dtype=torch.float64) for norm in ("norm1", "norm2")}
    x = torch.tensor([[X]], dtype=torch.float64)
    got = expect_tensor(block.set_parameters(drawn)(x), (1, 1, 2), torch.float64, finite=False)[0, 0]
    results = _wirings(x[0, 0])
    expected = results.pop(RIGHT)
    panels = tuple(
        Bars(title, LABELS, tuple(values.tolist()))
        for title, values in (("yours", got), ("expected", expected), ("x", x[0, 0]))
    )
    return Picture("A block by hand", panels, _about_block(got, expected, results), ABOUT_BLOCK)


RIGHT = "norm first, a shortcut around both"


def _wirings(x: Tensor) -> dict[str, Tensor]:
    """Work out what the right wiring gives, and what others give."""

    def norm(value: Tensor) -> Tensor:
        return F.layer_norm(value, (2,))

    def gelu(value: Tensor) -> Tensor:
        return F.gelu(value, approximate="tanh")

    h = x + norm(x)
    after = norm(x + x)
    inside = norm(x) + norm(x)
    return {
        RIGHT: h + gelu(norm(h)),
        "the norm comes after the addition": norm(after + gelu(after)),
        "the shortcuts are taken after the norms": norm(inside) + gelu(norm(inside)),
        "there is no shortcut": gelu(norm(norm(x))),
        "the first shortcut is missing": norm(x) + gelu(norm(norm(x))),
        "the second shortcut is missing": gelu(norm(h)),
        "the second shortcut starts at the very first x": x + gelu(norm(h)),
        "the first norm is missing": x + x + gelu(norm(x + x)),
        "the second norm is missing": h + gelu(h),
        "there is no norm": x + x + gelu(x + x),
    }


def _about_block(got: Tensor, expected: Tensor, others: dict[str, Tensor]) -> tuple[str, ...]:
    if torch.allclose(got, expected, rtol=0, atol=CLOSE):
        return ()
    sentence = f"your block turns x into ({got[0]:.4f}, {got[1]:.4f}) instead of ({expected[0]:.4f}, {expected[1]:.4f})"
    alike = [name for name, other in others.items() if torch.allclose(got, other, rtol=0, atol=CLOSE)]
    return (f"{sentence}. You get this if {', or if '.join(alike)}." if alike else f"{sentence}.",)
