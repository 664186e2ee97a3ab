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
    raise NotImplementedError("Start with a list of the largest value in each gradient.")


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
    raise NotImplementedError("Start with your loop from `train_model_simple`, then work out the rate at the top of each step.")
