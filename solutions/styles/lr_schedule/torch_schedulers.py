"""Two schedulers of torch's, one after the other; the highest gradient by concatenating all of them."""

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from .training_loop import calc_loss_batch, evaluate_model


def find_highest_gradient(model):
    gradients = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    return torch.cat(gradients).max().item() if gradients else None


def train_model(
    model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter, start_context, tokenizer,
    warmup_steps, initial_lr=3e-05, min_lr=1e-6,
):  # fmt: skip
    peak = optimizer.param_groups[0]["lr"]
    total = n_epochs * len(train_loader)
    scheduler = SequentialLR(
        optimizer,
        [
            LinearLR(optimizer, start_factor=initial_lr / peak, total_iters=warmup_steps),
            CosineAnnealingLR(optimizer, T_max=total - warmup_steps, eta_min=min_lr),
        ],
        milestones=[warmup_steps],
    )
    rows, rates, tokens, step = [], [], 0, 0
    for _ in range(n_epochs):
        for x, y in train_loader:
            model.train()
            rates += scheduler.get_last_lr()[:1]
            calc_loss_batch(x, y, model, device).backward()
            if step >= warmup_steps:
                clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()
            tokens += x.numel()
            if step % eval_freq == 0:
                rows.append((*evaluate_model(model, train_loader, val_loader, device, eval_iter), tokens))
            step += 1
    return *(list(column) for column in zip(*rows, strict=True)), rates
