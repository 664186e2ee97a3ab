"""Computes every loss in float32, as recipes for mixed precision do, and returns pairs and runs as named tuples."""

from typing import NamedTuple

import torch
import torch.nn.functional as F


class Evaluation(NamedTuple):
    train: float
    val: float


class Run(NamedTuple):
    train_losses: list
    val_losses: list
    tokens_seen: list


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    loss = F.cross_entropy(logits.flatten(0, 1).float(), target_batch.to(device).flatten())
    return loss.to(logits.dtype)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if not count:
        return float("nan")
    losses = [calc_loss_batch(*batch, model, device).item() for batch, _ in zip(data_loader, range(count))]
    return sum(losses) / count


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        losses = (calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader))
        evaluation = Evaluation(*losses)
    model.train()
    return evaluation


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    run, seen, step = Run([], [], []), 0, 0
    for _ in range(num_epochs):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            seen += inputs.numel()
            if step % eval_freq == 0:
                evaluation = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                run.train_losses.append(evaluation.train)
                run.val_losses.append(evaluation.val)
                run.tokens_seen.append(seen)
            step += 1
    return run
