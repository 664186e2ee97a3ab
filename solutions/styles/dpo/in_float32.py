"""The numerically delicate parts in float32, whatever the dtype of the model; typed, with a small class."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Answers:
    ids: Tensor
    mask: Tensor

    def logprobs(self, model: nn.Module) -> Tensor:
        return compute_logprobs(model(self.ids), self.ids, selection_mask=self.mask)


def answers_of(batch: Mapping[str, Tensor]) -> Iterator[Answers]:
    for key in ("chosen", "rejected"):
        yield Answers(batch[key], batch[f"{key}_mask"])


def compute_logprobs(logits: Tensor, labels: Tensor, selection_mask: Tensor | None = None) -> Tensor:
    logs = logits.float().log_softmax(dim=-1)
    rows = []
    for text, ids, mask in zip(logs, labels, labels >= 0 if selection_mask is None else selection_mask):
        (positions,) = mask[1:].nonzero(as_tuple=True)
        rows.append(text[positions, ids[positions + 1]].mean())
    return torch.stack(rows).to(logits.dtype)


def compute_dpo_loss(
    model_chosen_logprobs: Tensor,
    model_rejected_logprobs: Tensor,
    reference_chosen_logprobs: Tensor,
    reference_rejected_logprobs: Tensor,
    beta: float = 0.1,
) -> tuple[Tensor, Tensor, Tensor]:
    chosen = model_chosen_logprobs.float() - reference_chosen_logprobs.float()
    rejected = model_rejected_logprobs.float() - reference_rejected_logprobs.float()
    losses = F.logsigmoid((chosen - rejected) * beta).neg()
    with torch.no_grad():
        rewards = torch.stack([chosen, rejected]).mean(dim=1)
    return losses.mean(), *rewards


def compute_dpo_loss_batch(
    batch: Mapping[str, Tensor], policy_model: nn.Module, reference_model: nn.Module, beta: float
) -> tuple[Tensor, Tensor, Tensor]:
    pc, pr = (answers.logprobs(policy_model) for answers in answers_of(batch))
    with torch.no_grad():
        rc, rr = (answers.logprobs(reference_model) for answers in answers_of(batch))
    return compute_dpo_loss(pc, pr, rc, rr, beta)


def compute_dpo_loss_loader(
    data_loader: Any, policy_model: nn.Module, reference_model: nn.Module, beta: float, num_batches: int | None = None
) -> tuple[float, float, float]:
    batches = iter(data_loader)
    count = min(len(data_loader), num_batches or len(data_loader))
    results = []
    for _ in range(count):
        reply = compute_dpo_loss_batch(next(batches), policy_model, reference_model, beta)
        results.append([part.item() for part in reply])
    loss, chosen, rejected = (sum(column) / count for column in zip(*results))
    return loss, chosen, rejected
