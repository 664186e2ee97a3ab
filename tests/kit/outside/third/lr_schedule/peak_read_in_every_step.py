from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from math import cos, pi

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def find_highest_gradient(model: nn.Module) -> Tensor | None:
    peaks = [p.grad.max() for p in model.parameters() if p.grad is not None]
    return torch.stack(peaks).max() if peaks else None


def rate(step: int, warmup: int, total: int, start: float, peak: float, end: float) -> float:
    if step < warmup:
        return start + step * (peak - start) / warmup
    done = (step - warmup) / (total - warmup)
    return end + (peak - end) * 0.5 * (1 + cos(pi * done))


@dataclass
class Record:
    train: list[float] = field(default_factory=list)
    val: list[float] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


def batch_loss(model, inputs, targets, device) -> Tensor:
    logits = model(inputs.to(device))
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.to(device).reshape(-1))


@torch.no_grad()
def mean_loss(model, loader, device, limit) -> float:
    losses = [batch_loss(model, x, y, device).item() for x, y in itertools.islice(loader, limit)]
    return sum(losses) / len(losses) if losses else float("nan")


def train_model(
    model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter,
    start_context, tokenizer, warmup_steps, initial_lr=3e-05, min_lr=1e-6, max_norm=1.0,
):
    record = Record()
    total = n_epochs * len(train_loader)
    seen = 0
    batches = itertools.chain.from_iterable(train_loader for _ in range(n_epochs))
    for step, (inputs, targets) in enumerate(batches):
        peak = optimizer.param_groups[0]["lr"]
        lr = rate(step, warmup_steps, total, initial_lr, peak, min_lr)
        for group in optimizer.param_groups:
            group["lr"] = lr
        record.rates.append(lr)

        model.train()
        optimizer.zero_grad(set_to_none=True)
        batch_loss(model, inputs, targets, device).backward()
        if step > warmup_steps:
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        seen += inputs.numel()

        if step % eval_freq == 0:
            model.eval()
            record.train.append(mean_loss(model, train_loader, device, eval_iter))
            record.val.append(mean_loss(model, val_loader, device, eval_iter))
            record.seen.append(seen)
            model.train()
    return record.train, record.val, record.seen, record.rates
