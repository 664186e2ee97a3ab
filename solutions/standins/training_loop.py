"""A stand-in for `training_loop`: the optimizer asks for its gradients, and one chain of batches has all epochs."""

from functools import partial
from itertools import chain, islice, repeat
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: nn.Module, device: Any) -> Tensor:
    return F.cross_entropy(model(input_batch.to(device)).transpose(1, 2), target_batch.to(device))


def calc_loss_loader(data_loader: Any, model: nn.Module, device: Any, num_batches: int | None = None) -> float:
    losses = [float(calc_loss_batch(*batch, model, device).detach()) for batch in islice(data_loader, num_batches)]
    return torch.tensor(losses, dtype=torch.float64).mean().item()


def evaluate_model(
    model: nn.Module, train_loader: Any, val_loader: Any, device: Any, eval_iter: int
) -> tuple[float, float]:
    with torch.inference_mode():
        model.eval()
        measured = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    model.train()
    return measured[0], measured[1]


def train_model_simple(
    model: nn.Module,
    train_loader: Any,
    val_loader: Any,
    optimizer: Any,
    device: Any,
    num_epochs: int,
    eval_freq: int,
    eval_iter: int,
    start_context: str = "",
    tokenizer: Any = None,
) -> tuple[list[float], list[float], list[int]]:
    def gradients(batch: tuple[Tensor, Tensor]) -> Tensor:
        optimizer.zero_grad()
        loss = calc_loss_batch(*batch, model, device)
        loss.backward()
        return loss

    model.train()
    rows: list[tuple[float, float, int]] = []
    seen = 0
    for number, batch in enumerate(chain.from_iterable(repeat(train_loader, num_epochs))):
        optimizer.step(partial(gradients, batch))
        seen += batch[0].numel()
        if not number % eval_freq:
            rows.append((*evaluate_model(model, train_loader, val_loader, device, eval_iter), seen))
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
