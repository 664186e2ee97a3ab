"""How much weight each small batch has in the learner's step."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from grader.checks import Port, expect
from grader.learner.probes import LanguageModel
from grader.pictures import Bars, Picture
from tests.visible.micro_batches import IGNORED, Step, micro_batches
from tests.visible.training import options_of

BATCHES = micro_batches((4, 4), (1, 0), (3,), tokens=4)
COUNTS = [int((targets != IGNORED).sum()) for _, targets in BATCHES]
LABELS = tuple(f"batch {n} ({count} of {sum(COUNTS)})" for n, count in enumerate(COUNTS))
CLOSE = 1e-3
ABOUT = "A step's gradient is a mixture of the batches' mean gradients. The bars show the share of each batch in it."


def pictures(learner: Port) -> list[Picture]:
    """Draw the share of each batch in the step's gradient, next to the expected ones."""
    steps = Step(learner, BATCHES).steps
    expect(len(steps) == 1, got=f"{len(steps)} steps", expected="one step after the last batch")
    expected = tuple(count / sum(COUNTS) for count in COUNTS)
    got = _shares(steps[0]["gradients"])
    panels = (Bars("yours", LABELS, got), Bars("expected", LABELS, expected))
    wrong = tuple(
        f"{label}: its share is {share:.3f}, but should be {right:.3f}."
        for label, share, right in zip(LABELS, got, expected, strict=True)
        if not abs(share - right) < CLOSE
    )
    return [Picture("The weight of each batch in one step", panels, wrong, ABOUT)]


def _shares(gradients: dict[str, torch.Tensor | None]) -> tuple[float, ...]:
    """Find the mixture of the batches' mean gradients that is closest to a gradient."""
    columns = []
    for inputs, targets in BATCHES:
        twin = LanguageModel(**options_of()).double()
        loss = F.cross_entropy(twin(inputs).transpose(1, 2), targets, ignore_index=IGNORED)
        columns.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(twin.parameters()))]))
    zeros = {name: torch.zeros_like(parameter) for name, parameter in twin.named_parameters()}
    rows = [zeros[name] if gradient is None else gradient for name, gradient in gradients.items()]
    target = torch.cat([row.flatten() for row in rows])
    solved = torch.linalg.lstsq(torch.stack(columns, dim=1), target[:, None]).solution[:, 0]
    return tuple(solved.tolist())
