from __future__ import annotations

import torch
from torch import Tensor


def nll_sum(logits: Tensor, targets: Tensor) -> tuple[Tensor, int]:
    mask = targets.gt(0)
    log_probs = logits.log_softmax(-1)
    picked = log_probs.gather(-1, targets.where(mask, torch.zeros_like(targets)).unsqueeze(-1)).squeeze(-1)
    return -(picked * mask).sum(), int(mask.sum())


def accumulate_step(model, batches, optimizer) -> float:
    params = [p for p in model.parameters() if p.requires_grad]
    grads: list[Tensor | None] = [None] * len(params)
    loss_sum, n = 0.0, 0
    for inputs, targets in batches:
        loss, k = nll_sum(model(inputs), targets)
        new = torch.autograd.grad(loss, params, allow_unused=True)
        grads = [a if g is None else g if a is None else a + g for a, g in zip(grads, new)]
        loss_sum += loss.item()
        n += k
    for p, g in zip(params, grads):
        p.grad = None if g is None else g / n
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss_sum / n
