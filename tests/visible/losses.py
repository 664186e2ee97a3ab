"""What the checks of `cross_entropy` share: logits and targets, and calls of the function."""

from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import Gradients, Port, Tolerance, expect, expect_any_tensor, expect_equal, expect_number, what_came

FLOAT64 = torch.float64
IGNORED = -100

DIFFERENCES = Tolerance(1e-6, 1.0)
"""For gradients of a loss, which are differences of probabilities: those may be computed in float32."""


LARGE = Tolerance(1e-6, 5e3)
"""For logits around 10,000, whose neighbors in float32 are 0.001 apart: 0.005, and 0.01 for losses as large."""


def logits_of(*rows: tuple[float, ...]) -> torch.Tensor:
    """Make logits from their rows."""
    return torch.tensor(rows, dtype=FLOAT64)


def ids_of(*ids: int) -> torch.Tensor:
    """Make targets."""
    return torch.tensor(ids, dtype=torch.int64)


def targets_for(logits: torch.Tensor, seed: int) -> torch.Tensor:
    """Draw a target for each row of logits."""
    return torch.randint(logits.shape[-1], logits.shape[:-1], generator=torch.Generator().manual_seed(seed))


def loss_of(port: Port, logits: Any, targets: Any, **options: Any) -> float:
    """Ask for a loss, as a number: another check looks at its form."""
    return expect_number(port.call("cross_entropy", logits, targets, **options), "the loss")


def torchs_gradient(logits: torch.Tensor, targets: torch.Tensor, ignore_index: int = IGNORED) -> torch.Tensor:
    """Return the gradient of the logits, from torch's own cross-entropy."""
    logits = logits.clone().requires_grad_()
    F.cross_entropy(logits.flatten(0, -2), targets.flatten(), ignore_index=ignore_index).backward()
    gradient = logits.grad
    assert gradient is not None
    return gradient


def expect_gradient(gradients: Gradients, expected: torch.Tensor, tolerance: Tolerance = DIFFERENCES) -> None:
    """Fail unless the logits got this gradient."""
    got = gradients.inputs[0]
    came = "no gradient for the logits" if isinstance(gradients.output, torch.Tensor) else what_came(gradients.output)
    expect(got is not None, got=came, expected="a gradient for every logit")
    expect_equal(expect_any_tensor(got), expected, "the gradient of the logits", tolerance=tolerance)
