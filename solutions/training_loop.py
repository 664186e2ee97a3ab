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
    ### BEGIN SOLUTION: Move both batches to the device, then ask the model for its logits.
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    logits = model(input_batch)  # (batch, tokens, vocab)
    return F.cross_entropy(
        logits.flatten(0, 1),  # (batch * tokens, vocab)
        target_batch.flatten(),  # (batch * tokens,)
    )
    ### END SOLUTION


def calc_loss_loader(data_loader: Loader, model: nn.Module, device: Device, num_batches: int | None = None) -> float:
    """Return the mean of the batch losses over the first `num_batches` batches; `nan` for an empty loader.

    It averages all batches if `num_batches` is None or larger than the loader.
    """
    ### BEGIN SOLUTION: Start with how many batches there really are to average.
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if num_batches == 0:
        return float("nan")

    total_loss = 0.0
    for input_batch, target_batch in islice(data_loader, num_batches):
        total_loss += calc_loss_batch(input_batch, target_batch, model, device).item()
    return total_loss / num_batches
    ### END SOLUTION


def evaluate_model(
    model: nn.Module, train_loader: Loader, val_loader: Loader, device: Device, eval_iter: int
) -> tuple[float, float]:
    """Return `(train_loss, val_loss)` in eval mode and without gradients, over `eval_iter` batches each.

    Afterward the model is in training mode.
    """
    ### BEGIN SOLUTION: Switch the model's mode first, and remember to switch it back.
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
    model.train()
    return train_loss, val_loss
    ### END SOLUTION


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
    ### BEGIN SOLUTION: Start with the three lists and two counters, then write one loop inside another.
    train_losses: list[float] = []
    val_losses: list[float] = []
    track_tokens_seen: list[int] = []
    tokens_seen = 0
    global_step = 0

    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            tokens_seen += input_batch.numel()

            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
                print(f"Ep {epoch + 1} (step {global_step:06d}): train {train_loss:.3f}, val {val_loss:.3f}")
            global_step += 1

    return train_losses, val_losses, track_tokens_seen
    ### END SOLUTION
