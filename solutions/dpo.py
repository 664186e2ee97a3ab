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
    ### BEGIN SOLUTION: Which label do the logits at position 0 predict?
    labels = labels[:, 1:]  # (batch, tokens - 1)
    logs = F.log_softmax(logits[:, :-1], dim=-1)  # (batch, tokens - 1, vocab)
    picked = logs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)  # (batch, tokens - 1)
    if selection_mask is None:
        return picked.mean(dim=-1)
    mask = selection_mask[:, 1:]  # (batch, tokens - 1)
    return (picked * mask).sum(dim=-1) / mask.sum(dim=-1)
    ### END SOLUTION


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
    ### BEGIN SOLUTION: Take the model's log-ratio of both answers, and compare it with the reference's.
    model_logratios = model_chosen_logprobs - model_rejected_logprobs  # (batch,)
    reference_logratios = reference_chosen_logprobs - reference_rejected_logprobs  # (batch,)
    losses = -F.logsigmoid(beta * (model_logratios - reference_logratios))  # (batch,)
    chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).detach()  # (batch,)
    rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).detach()  # (batch,)
    return losses.mean(), chosen_rewards.mean(), rejected_rewards.mean()
    ### END SOLUTION


def compute_dpo_loss_batch(
    batch: Batch, policy_model: nn.Module, reference_model: nn.Module, beta: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return loss and rewards of a batch. The loss has a graph of the policy model; the reference model gets none."""
    ### BEGIN SOLUTION: Two models read two answers each: four calls, half of them without gradients.
    chosen, chosen_mask = batch["chosen"], batch["chosen_mask"]
    rejected, rejected_mask = batch["rejected"], batch["rejected_mask"]
    policy_chosen = compute_logprobs(policy_model(chosen), chosen, chosen_mask)
    policy_rejected = compute_logprobs(policy_model(rejected), rejected, rejected_mask)
    with torch.no_grad():
        reference_chosen = compute_logprobs(reference_model(chosen), chosen, chosen_mask)
        reference_rejected = compute_logprobs(reference_model(rejected), rejected, rejected_mask)
    return compute_dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta)
    ### END SOLUTION


def compute_dpo_loss_loader(
    data_loader: Any, policy_model: nn.Module, reference_model: nn.Module, beta: float, num_batches: int | None = None
) -> tuple[float, float, float]:
    """Return the means of loss and rewards over the first `num_batches` batches of a loader, as floats.

    It averages all batches if `num_batches` is None or larger than the loader.
    """
    ### BEGIN SOLUTION: Start with how many batches there really are to average.
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total_loss, total_chosen, total_rejected = 0.0, 0.0, 0.0
    batches: Iterable[Batch] = islice(data_loader, num_batches)
    for batch in batches:
        loss, chosen_rewards, rejected_rewards = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        total_loss += loss.item()
        total_chosen += chosen_rewards.item()
        total_rejected += rejected_rewards.item()
    return total_loss / num_batches, total_chosen / num_batches, total_rejected / num_batches
    ### END SOLUTION
