"""What the checks of `accumulation` share: small batches, a step on probes, and the same step on this side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import Port, Tolerance, expect, expect_equal
from grader.learner.probes import LanguageModel
from tests.visible.training import Batch, batch_of, model_of, number_of, options_of

IGNORED = -100
LOSSES = Tolerance(1e-6, 1.0)
"""For losses, and for gradients, which are differences of probabilities: both may be computed in float32."""


def micro_batches(*counts: Sequence[int], tokens: int = 2, seed: int = 0) -> list[Batch]:
    """Draw a batch for each item: for each of its texts, the number of targets that count, beginning with the first."""
    batches = []
    for number, texts in enumerate(counts):
        inputs, targets = batch_of(len(texts), tokens, 100 * seed + number)
        for row, count in enumerate(texts):
            targets[row, count:] = IGNORED
        batches.append((inputs, targets))
    return batches


EQUAL = micro_batches((2,), (2,), (2,))
"""Three batches of one text, in which all targets count."""


class Step:
    """One call of accumulate_step on probes: what it returned, and what the probes recorded."""

    def __init__(self, port: Port, batches: Sequence[Batch], seed: int = 0) -> None:
        self.batches, self.seed = batches, seed
        self.model = model_of(port, seed=seed)
        optimizer = port.probe("optimizer", algorithm="SGD", model=self.model, lr=0.5)
        self.returned = port.call("accumulate_step", self.model, list(batches), optimizer)
        steps: Any = optimizer.call("record")
        self.steps: list[dict[str, Any]] = steps

    def expect_mean_loss(self, where: str = "") -> None:
        """Fail unless the loss that was returned is the mean over the targets that count in all batches."""
        expected = self._joined()[0]
        expect_equal(number_of(self.returned), expected, f"the loss{where}", tolerance=LOSSES)

    def expect_gradients(self, where: str = "") -> None:
        """Fail unless the gradients at the last step are those of the joined batch."""
        expect(bool(self.steps), got="no optimizer step", expected="one step after the last batch")
        for name, expected in self._joined()[1].items():
            got = self.steps[-1]["gradients"][name]
            what = f"the gradient of {name} at the step{where}"
            expect(got is not None, got="no gradient", expected="the gradient of the mean loss", where=what)
            expect_equal(got, expected, what, tolerance=LOSSES)

    def _joined(self) -> tuple[float, dict[str, torch.Tensor]]:
        """Compute loss and gradients on this side, for all batches joined into one."""
        twin = LanguageModel(**options_of(seed=self.seed)).double()
        inputs, targets = (torch.cat(parts) for parts in zip(*self.batches, strict=True))
        loss = F.cross_entropy(twin(inputs).transpose(1, 2), targets, ignore_index=IGNORED)
        names, parameters = zip(*twin.named_parameters(), strict=True)
        return float(loss.detach()), dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))
