"""Training with a schedule: warm up the learning rate, let it fall along a cosine, and clip the gradients.

Not in this exercise: restarts, schedules that watch the loss, mixed precision, checkpoints.

Book: appendix D
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from .training_loop import calc_loss_batch, evaluate_model


def find_highest_gradient(model: nn.Module) -> Tensor | None:
    """Return the largest value among all gradients of a model: the largest value, not the largest size.

    Parameters without a gradient don't count. If no parameter has one, it returns None.
    """
    ### BEGIN SOLUTION: Start with a list of the largest value in each gradient.
    largest_values = [parameter.grad.max() for parameter in model.parameters() if parameter.grad is not None]
    return max(largest_values, default=None)
    ### END SOLUTION


def train_model(
    model: nn.Module,
    train_loader: Any,
    val_loader: Any,
    optimizer: torch.optim.Optimizer,
    device: torch.device | str,
    n_epochs: int,
    eval_freq: int,
    eval_iter: int,
    start_context: str,
    tokenizer: Any,
    warmup_steps: int,
    initial_lr: float = 3e-05,
    min_lr: float = 1e-6,
) -> tuple[list[float], list[float], list[int], list[float]]:
    """Train as `train_model_simple` does, with a learning rate that changes at every step, and with clipped gradients.

    The optimizer's learning rate at the start is the peak. Step g (the first is 0, counted through all epochs) has

    - for g < warmup_steps: a rate on the straight line from `initial_lr` at step 0 to the peak at step `warmup_steps`,
    - from step `warmup_steps` on: a rate on half a cosine from the peak to `min_lr`, which it would reach one step
      after the last one.

    Every parameter group gets the rate before its step. After the warm-up, and never during it, gradients are clipped
    to a total norm of 1. `warmup_steps` is at least 1, and smaller than the number of all steps.

    Returns:
        `(train_losses, val_losses, track_tokens_seen, track_lrs)`: the first three as in `train_model_simple`, the last
        with the learning rate of every step.
    """
    ### BEGIN SOLUTION: Start with your loop from `train_model_simple`, then work out the rate at the top of each step.
    train_losses: list[float] = []
    val_losses: list[float] = []
    track_tokens_seen: list[int] = []
    track_lrs: list[float] = []
    tokens_seen = 0
    global_step = 0
    peak_lr = optimizer.param_groups[0]["lr"]
    total_steps = len(train_loader) * n_epochs

    for epoch in range(n_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            if global_step < warmup_steps:
                lr = initial_lr + global_step * (peak_lr - initial_lr) / warmup_steps
            else:
                progress = (global_step - warmup_steps) / (total_steps - warmup_steps)  # from 0 to almost 1
                lr = min_lr + (peak_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))
            for group in optimizer.param_groups:
                group["lr"] = lr
            track_lrs.append(lr)

            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            if global_step >= warmup_steps:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
            tokens_seen += input_batch.numel()

            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
                print(f"Ep {epoch + 1} (step {global_step:06d}): train {train_loss:.3f}, val {val_loss:.3f}")
            global_step += 1

    return train_losses, val_losses, track_tokens_seen, track_lrs
    ### END SOLUTION
