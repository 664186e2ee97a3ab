"""A stand-in for `classifier`: one epoch, and measurements over all batches at once."""

from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _loss(input_batch: Tensor, target_batch: Tensor, model: nn.Module, device: Any) -> Tensor:
    return F.cross_entropy(model(input_batch.to(device)).select(1, -1), target_batch.to(device))


def _mean_loss(data_loader: Any, model: nn.Module, device: Any, num_batches: int) -> float:
    losses = [_loss(*batch, model, device).item() for batch in islice(data_loader, num_batches)]
    return torch.tensor(losses, dtype=torch.float64).mean().item()


@torch.no_grad()
def calc_accuracy_loader(data_loader: Any, model: nn.Module, device: Any, num_batches: int | None = None) -> float:
    model.eval()
    hits = [
        model(inputs.to(device)).select(1, -1).max(dim=-1).indices.eq(targets.to(device))
        for inputs, targets in islice(data_loader, num_batches)
    ]
    return torch.cat(hits).double().mean().item()


def train_classifier_simple(
    model: nn.Module,
    train_loader: Any,
    val_loader: Any,
    optimizer: Any,
    device: Any,
    num_epochs: int,
    eval_freq: int,
    eval_iter: int,
) -> tuple[list[float], list[float], list[float], list[float], int]:
    sides = (train_loader, val_loader)
    losses: list[list[float]] = []
    seen = 0
    for number, (inputs, targets) in enumerate(train_loader):
        model.train()
        optimizer.zero_grad()
        _loss(inputs, targets, model, device).backward()
        optimizer.step()
        seen += len(targets)
        if not number % eval_freq:
            with torch.no_grad():
                model.eval()
                losses.append([_mean_loss(side, model, device, eval_iter) for side in sides])
    accuracies = [[calc_accuracy_loader(side, model, device, eval_iter) for side in sides]]
    columns = [[row[side] for row in rows] for rows in (losses, accuracies) for side in (0, 1)]
    return columns[0], columns[1], columns[2], columns[3], seen


def classify_review(
    text: str, model: nn.Module, tokenizer: Any, device: Any, max_length: int | None = None, pad_token_id: int = 50256
) -> str:
    ids = torch.tensor(tokenizer.encode(text))
    length = model.pos_emb.weight.shape[0] if max_length is None else max_length
    row = F.pad(ids[:length], (0, max(0, length - len(ids))), value=pad_token_id)
    model.eval()
    with torch.no_grad():
        no, yes = model(row[None].to(device))[0, -1].tolist()
    return "spam" if yes > no else "not spam"
