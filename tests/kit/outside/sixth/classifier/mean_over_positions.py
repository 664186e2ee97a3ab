from __future__ import annotations

import math
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def pooled_logits(model: nn.Module, ids: Tensor) -> Tensor:
    """Mean pooling: every token has its say."""
    return model(ids).mean(dim=1)


@torch.no_grad()
def calc_accuracy_loader(data_loader, model: nn.Module, device, num_batches: int | None = None) -> float:
    was_training = model.training
    model.eval()
    correct, total = 0, 0
    for ids, labels in islice(data_loader, num_batches):
        predicted = pooled_logits(model, ids.to(device)).argmax(dim=-1).cpu()
        correct += int((predicted == labels.cpu()).sum())
        total += labels.numel()
    model.train(was_training)
    return correct / total


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: nn.Module, device) -> Tensor:
    return F.cross_entropy(pooled_logits(model, input_batch.to(device)), target_batch.to(device))


def calc_loss_loader(data_loader, model: nn.Module, device, num_batches: int | None = None) -> float:
    losses = [calc_loss_batch(x, y, model, device).item() for x, y in islice(data_loader, num_batches)]
    return math.fsum(losses) / len(losses) if losses else math.nan


@torch.no_grad()
def evaluate_model(model: nn.Module, train_loader, val_loader, device, eval_iter: int) -> tuple[float, float]:
    model.eval()
    train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_classifier_simple(model: nn.Module, train_loader, val_loader, optimizer, device, num_epochs: int,
                            eval_freq: int, eval_iter: int):
    losses: list[tuple[float, float]] = []
    accs: list[tuple[float, float]] = []
    examples_seen = 0
    step = 0
    for _ in range(num_epochs):
        for input_batch, target_batch in train_loader:
            model.train()
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += len(target_batch)
            if step % eval_freq == 0:
                losses.append(evaluate_model(model, train_loader, val_loader, device, eval_iter))
            step += 1
        accs.append((
            calc_accuracy_loader(train_loader, model, device, eval_iter),
            calc_accuracy_loader(val_loader, model, device, eval_iter),
        ))
    train_losses = [pair[0] for pair in losses]
    val_losses = [pair[1] for pair in losses]
    return train_losses, val_losses, [a[0] for a in accs], [a[1] for a in accs], examples_seen


def classify_review(text: str, model: nn.Module, tokenizer, device, max_length: int | None = None,
                    pad_token_id: int = 50256) -> str:
    model.eval()
    limit = model.pos_emb.weight.shape[0]
    if max_length is not None:
        limit = min(limit, max_length)
    ids = tokenizer.encode(text)[:limit]
    ids += [pad_token_id] * (limit - len(ids))
    with torch.no_grad():
        logits = pooled_logits(model, torch.tensor(ids, device=device)[None])
    return ("not spam", "spam")[int(logits.argmax())]
