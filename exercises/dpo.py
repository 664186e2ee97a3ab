"""DPO: teach a model which of two answers people prefer, by comparing it with the model it started from.

Not in this exercise: the data set, the training loop, moving batches to a device.

Book: chapter 7, bonus (direct preference optimization)
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Batch = Mapping[str, Tensor]  # "chosen", "rejected": int64 (batch, tokens); "chosen_mask", "rejected_mask": bool


def compute_logprobs(logits: Tensor, labels: Tensor, selection_mask: Tensor | None = None) -> Tensor:
    """Return for each text the mean log-probability of its selected tokens: `(batch,)`.

    Args:
        logits: `(batch, tokens, vocab)`, what the model returned for `labels`.
        labels: int64 `(batch, tokens)`, the texts themselves.
        selection_mask: bool `(batch, tokens)`, True for the tokens that count; without it, all that are predicted do.
    """
    raise NotImplementedError("Which label do the logits at position 0 predict?")


def compute_dpo_loss(
    model_chosen_logprobs: Tensor,
    model_rejected_logprobs: Tensor,
    reference_chosen_logprobs: Tensor,
    reference_rejected_logprobs: Tensor,
    beta: float = 0.1,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the loss and the rewards of the chosen and of the rejected answers: three means over the batch.

    The four log-probabilities have the shape `(batch,)`. The rewards are there to be watched, so they have no graph.
    """
    raise NotImplementedError("Take the model's log-ratio of both answers, and compare it with the reference's.")


def compute_dpo_loss_batch(
    batch: Batch, policy_model: nn.Module, reference_model: nn.Module, beta: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return loss and rewards of a batch. The loss has a graph of the policy model; the reference model gets none."""
    raise NotImplementedError("Two models read two answers each: four calls, half of them without gradients.")


def compute_dpo_loss_loader(
    data_loader: Any, policy_model: nn.Module, reference_model: nn.Module, beta: float, num_batches: int | None = None
) -> tuple[float, float, float]:
    """Return the means of loss and rewards over the first `num_batches` batches of a loader, as floats.

    It averages all batches if `num_batches` is None or larger than the loader.
    """
    raise NotImplementedError("Start with how many batches there really are to average.")
