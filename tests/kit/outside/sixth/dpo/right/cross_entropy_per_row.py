from __future__ import annotations

import math
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor


def compute_logprobs(logits: Tensor, labels: Tensor, selection_mask: Tensor | None = None) -> Tensor:
    rows = []
    for k in range(labels.shape[0]):
        nll = F.cross_entropy(logits[k, :-1], labels[k, 1:], reduction="none")
        if selection_mask is not None:
            nll = nll[selection_mask[k, 1:]]
        rows.append(-nll.mean())
    return torch.stack(rows)


def compute_dpo_loss(
    model_chosen_logprobs: Tensor,
    model_rejected_logprobs: Tensor,
    reference_chosen_logprobs: Tensor,
    reference_rejected_logprobs: Tensor,
    beta: float = 0.1,
) -> tuple[Tensor, Tensor, Tensor]:
    """-log sigmoid(z) = softplus(-z); the implicit rewards carry the factor beta."""
    chosen = beta * (model_chosen_logprobs - reference_chosen_logprobs)
    rejected = beta * (model_rejected_logprobs - reference_rejected_logprobs)
    loss = F.softplus(rejected - chosen).mean()
    return loss, chosen.detach().mean(), rejected.detach().mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta) -> tuple[Tensor, Tensor, Tensor]:
    def score(model, key: str) -> Tensor:
        return compute_logprobs(model(batch[key]), batch[key], batch[f"{key}_mask"])

    with torch.no_grad():
        reference = [score(reference_model, key) for key in ("chosen", "rejected")]
    policy = [score(policy_model, key) for key in ("chosen", "rejected")]
    return compute_dpo_loss(*policy, *reference, beta=beta)


@torch.no_grad()
def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta,
                            num_batches: int | None = None) -> tuple[float, float, float]:
    rows = [
        [value.item() for value in compute_dpo_loss_batch(batch, policy_model, reference_model, beta)]
        for batch in islice(data_loader, num_batches)
    ]
    if not rows:
        return math.nan, math.nan, math.nan
    loss, chosen, rejected = (math.fsum(column) / len(rows) for column in zip(*rows))
    return loss, chosen, rejected
