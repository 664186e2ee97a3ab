"""A stand-in for `dpo`: chosen and rejected texts go through a model side by side."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDES = ("chosen", "rejected")


def _logprobs(logits: Tensor, labels: Tensor, selection_mask: Tensor) -> Tensor:
    surprises = F.cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none")
    selected = selection_mask[:, 1:].to(surprises)
    return -(surprises * selected).sum(dim=1) / selected.sum(dim=1)


def _loss(
    model_chosen_logprobs: Tensor,
    model_rejected_logprobs: Tensor,
    reference_chosen_logprobs: Tensor,
    reference_rejected_logprobs: Tensor,
    beta: float = 0.1,
) -> tuple[Tensor, Tensor, Tensor]:
    chosen = model_chosen_logprobs - reference_chosen_logprobs
    rejected = model_rejected_logprobs - reference_rejected_logprobs
    loss = F.softplus(beta * (rejected - chosen)).mean()
    return loss, chosen.detach().mean(), rejected.detach().mean()


def compute_dpo_loss_batch(
    batch: Mapping[str, Tensor], policy_model: nn.Module, reference_model: nn.Module, beta: float
) -> tuple[Tensor, Tensor, Tensor]:
    def both(model: nn.Module) -> list[Tensor]:
        return [_logprobs(model(batch[side]), batch[side], batch[f"{side}_mask"]) for side in SIDES]

    with torch.no_grad():
        reference = both(reference_model)
    return _loss(*both(policy_model), *reference, beta=beta)


def compute_dpo_loss_loader(
    data_loader: Any, policy_model: nn.Module, reference_model: nn.Module, beta: float, num_batches: int | None = None
) -> tuple[float, float, float]:
    with torch.no_grad():
        rows = [
            [float(value) for value in compute_dpo_loss_batch(batch, policy_model, reference_model, beta)]
            for batch in islice(data_loader, num_batches)
        ]
    loss, chosen, rejected = torch.tensor(rows, dtype=torch.float64).mean(dim=0).tolist()
    return loss, chosen, rejected
