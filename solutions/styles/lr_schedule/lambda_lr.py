"""One scheduler with a function of our own, which gives the share of the peak; the loss comes from PyTorch."""

from math import cos, pi

import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import LambdaLR

from .training_loop import evaluate_model


def find_highest_gradient(model):
    highest = -float("inf")
    for parameter in model.parameters():
        if parameter.grad is not None:
            highest = max(highest, float(parameter.grad.max()))
    return None if highest == -float("inf") else highest


def train_model(
    model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter, start_context, tokenizer,
    warmup_steps, initial_lr=3e-05, min_lr=1e-6,
):  # fmt: skip
    peak = optimizer.param_groups[0]["lr"]
    left = len(train_loader) * n_epochs - warmup_steps

    def share(step):
        if step < warmup_steps:
            return (initial_lr * (warmup_steps - step) + peak * step) / warmup_steps / peak
        return (min_lr + (peak - min_lr) * cos((step - warmup_steps) / left * pi / 2) ** 2) / peak

    scheduler = LambdaLR(optimizer, share)
    losses, val_losses, seen, rates, tokens = [], [], [], [], 0
    batches = (batch for _ in range(n_epochs) for batch in train_loader)
    for step, (inputs, targets) in enumerate(batches):
        model.train()
        rates.append(optimizer.param_groups[0]["lr"])
        logits = model(inputs.to(device))
        gradients = torch.autograd.grad(
            F.cross_entropy(logits.flatten(0, 1), targets.to(device).flatten()), list(model.parameters())
        )
        norm = torch.stack([gradient.pow(2).sum() for gradient in gradients]).sum().sqrt()
        factor = torch.clamp(1 / norm, max=1.0) if step >= warmup_steps else 1.0
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter.grad = gradient * factor
        optimizer.step()
        scheduler.step()
        tokens += inputs.numel()
        if step % eval_freq == 0:
            pair = evaluate_model(model, train_loader, val_loader, device, eval_iter)
            losses.append(pair[0])
            val_losses.append(pair[1])
            seen.append(tokens)
    return losses, val_losses, seen, rates
