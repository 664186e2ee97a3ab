"""A stand-in for `training_loop` on torch's own loss: it takes the steps and measures, and keeps no books."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: nn.Module, device: Any) -> Tensor:
    return F.cross_entropy(model(input_batch.to(device)).transpose(1, 2), target_batch.to(device))


def calc_loss_loader(
    data_loader: Iterable[Any], model: nn.Module, device: Any, num_batches: int | None = None
) -> float:
    losses = [float(calc_loss_batch(*batch, model, device).detach()) for batch in islice(data_loader, num_batches)]
    return torch.tensor(losses, dtype=torch.float64).mean().item()


def evaluate_model(
    model: nn.Module, train_loader: Any, val_loader: Any, device: Any, eval_iter: int
) -> tuple[float, float]:
    with torch.no_grad():
        model.eval()
        measured = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    model.train()
    return measured[0], measured[1]


def train_model_simple(model: nn.Module, train_loader: Any, val_loader: Any, optimizer: Any, *_: Any, **__: Any) -> Any:
    def step(batch: tuple[Tensor, Tensor]) -> Tensor:
        optimizer.zero_grad()
        loss = calc_loss_batch(*batch, model, batch[0].device)
        loss.backward()
        return loss

    model.train()
    last = None
    for last in train_loader:
        optimizer.step(lambda batch=last: step(batch))
    device = next(model.parameters()).device
    last_batch = [] if last is None else [last]
    train_loss, val_loss = evaluate_model(model, last_batch, val_loader, device, len(val_loader))
    return [train_loss], [val_loss], [0]
