"""Needs no other module: it writes the loss, the evaluation and the clipping by itself, and counts steps down."""

import math

import numpy as np
import torch


def find_highest_gradient(model):
    values = [p.grad.detach().numpy().max() for _, p in model.named_parameters() if p.grad is not None]
    return float(np.max(values)) if values else None


def loss_of(model, inputs, targets):
    log_p = model(inputs).log_softmax(-1)
    return -log_p.gather(-1, targets[..., None]).mean()


@torch.no_grad()
def mean_loss(model, loader, count):
    losses = [loss_of(model, *batch).item() for _, batch in zip(range(count), loader, strict=False)]
    return sum(losses) / len(losses) if losses else math.nan


def clip(parameters):
    norm = math.sqrt(sum(float((p.grad**2).sum()) for p in parameters))
    if norm > 1:
        for p in parameters:
            p.grad.div_(norm)


def train_model(
    model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter, start_context, tokenizer,
    warmup_steps, initial_lr=3e-05, min_lr=1e-6,
):  # fmt: skip
    peak, total = optimizer.param_groups[0]["lr"], n_epochs * len(train_loader)
    train_losses, val_losses, track_tokens_seen, track_lrs = [], [], [], []
    tokens, left = 0, total
    model.train()
    for _ in range(n_epochs):
        for inputs, targets in train_loader:
            done = total - left
            model.zero_grad(set_to_none=True)
            loss_of(model, inputs, targets).backward()
            if done < warmup_steps:
                rate = np.interp(done, [0, warmup_steps], [initial_lr, peak])
            else:
                rate = min_lr + (peak - min_lr) * (1 - math.cos(math.pi * left / (total - warmup_steps))) / 2
                clip(list(model.parameters()))
            for group in optimizer.param_groups:
                group["lr"] = float(rate)
            track_lrs.append(float(rate))
            optimizer.step()
            tokens += inputs.size(0) * inputs.size(1)
            if not done % eval_freq:
                model.eval()
                train_losses.append(mean_loss(model, train_loader, eval_iter))
                val_losses.append(mean_loss(model, val_loader, eval_iter))
                model.train()
                track_tokens_seen.append(tokens)
            left -= 1
    return train_losses, val_losses, track_tokens_seen, track_lrs
