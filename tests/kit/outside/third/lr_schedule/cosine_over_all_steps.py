import numpy as np
import torch
from torch.optim.lr_scheduler import LambdaLR

from .training_loop import calc_loss_batch, evaluate_model


def find_highest_gradient(model):
    grads = [p.grad.reshape(-1) for p in model.parameters() if p.grad is not None]
    if len(grads) == 0:
        return None
    return torch.cat(grads).max().item()


def clip(grads, limit):
    norm = torch.sqrt(sum((g ** 2).sum() for g in grads))
    if norm > limit:
        grads = [g * (limit / (norm + 1e-6)) for g in grads]
    return grads


def train_model(model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter,
                start_context, tokenizer, warmup_steps, initial_lr=3e-05, min_lr=1e-6):
    peak = optimizer.param_groups[0]["lr"]
    total = len(train_loader) * n_epochs
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = peak

    def factor(step):
        if step < warmup_steps:
            lr = initial_lr + step * (peak - initial_lr) / warmup_steps
        else:
            lr = min_lr + (peak - min_lr) * 0.5 * (1 + np.cos(np.pi * step / total))
        return float(lr) / peak

    scheduler = LambdaLR(optimizer, factor)
    train_losses, val_losses, tokens, lrs = [], [], [], []
    step = 0
    n_tokens = 0
    model.train()
    for _ in range(n_epochs):
        for x, y in train_loader:
            lrs.append(optimizer.param_groups[0]["lr"])
            trained = [p for p in model.parameters() if p.requires_grad]
            grads = torch.autograd.grad(calc_loss_batch(x, y, model, device), trained, allow_unused=True)
            pairs = [(p, g) for p, g in zip(trained, grads) if g is not None]
            new = [g for _, g in pairs]
            if step >= warmup_steps:
                new = clip(new, 1.0)
            for (p, _), g in zip(pairs, new):
                p.grad = g
            optimizer.step()
            scheduler.step()
            n_tokens += x.shape[0] * x.shape[1]
            if step % eval_freq == 0:
                a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(a)
                val_losses.append(b)
                tokens.append(n_tokens)
            step += 1
    return train_losses, val_losses, tokens, lrs
