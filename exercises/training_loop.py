"""The training loop: measure how much the next token surprises the model, and lower that step by step.

Not in this exercise: sample text after an epoch, learning-rate schedules, gradient clipping, checkpoints.

Book: chapters 5.1 and 5.2
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

Loader = DataLoader[Any] | Sequence[tuple[Tensor, Tensor]]  # yields (input_batch, target_batch)
Device = torch.device | str


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: nn.Module, device: Device) -> Tensor:
    """Return the mean cross-entropy over all tokens of a batch, in nats: a scalar that still has its graph.

    Both batches are int64 `(batch, tokens)` and are moved to `device` first; the targets are the next tokens.
    The model maps ids `(batch, tokens)` to logits `(batch, tokens, vocab)`.
    """
    raise NotImplementedError("Move both batches to the device, then ask the model for its logits.")


def calc_loss_loader(data_loader: Loader, model: nn.Module, device: Device, num_batches: int | None = None) -> float:
    """Return the mean of the batch losses over the first `num_batches` batches; `nan` for an empty loader.

    It averages all batches if `num_batches` is None or larger than the loader.
    """
    raise NotImplementedError("Start with how many batches there really are to average.")


def evaluate_model(
    model: nn.Module, train_loader: Loader, val_loader: Loader, device: Device, eval_iter: int
) -> tuple[float, float]:
    """Return `(train_loss, val_loss)` in eval mode and without gradients, over `eval_iter` batches each.

    Afterward the model is in training mode.
    """
    raise NotImplementedError("Switch the model's mode first, and remember to switch it back.")


def train_model_simple(
    model: nn.Module,
    train_loader: Loader,
    val_loader: Loader,
    optimizer: torch.optim.Optimizer,
    device: Device,
    num_epochs: int,
    eval_freq: int,
    eval_iter: int,
    start_context: str,
    tokenizer: Any,
) -> tuple[list[float], list[float], list[int]]:
    """Take one optimizer step per batch, go through the loader `num_epochs` times, and return three lists.

    After steps 0, `eval_freq`, 2 * `eval_freq`, … (counted through all epochs), append both losses over `eval_iter`
    batches and the number of input tokens trained on so far. `start_context` and `tokenizer` are there in case you
    want to print a sample text after each epoch.

    Returns:
        `(train_losses, val_losses, track_tokens_seen)`, each with one entry per evaluation.
    """
    raise NotImplementedError("Start with the three lists and two counters, then write one loop inside another.")
