"""Gradient accumulation: one optimizer step for a batch that is too large for the memory, taken in small batches.

Not in this exercise: several devices, mixed precision, clipping, learning-rate schedules.

Book: chapter 5.2
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

IGNORED = -100  # marks targets that don't count


def accumulate_step(
    model: nn.Module, batches: Sequence[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer
) -> float:
    """Take one optimizer step, the same as for all batches joined into a single one, and return the mean loss.

    Only one batch at a time goes through the model. The mean is over all targets that count, in all batches together,
    in nats.

    Args:
        model: maps ids `(batch, tokens)` to logits `(batch, tokens, vocab)`; its parameters have no gradients yet.
        batches: pairs `(inputs, targets)`, both int64 `(batch, tokens)`. A target of -100 doesn't count; in some
            batches none may count, in at least one of them one does.
        optimizer: has the model's parameters.
    """
    raise NotImplementedError("Before the loop, find out what to divide every loss by.")
