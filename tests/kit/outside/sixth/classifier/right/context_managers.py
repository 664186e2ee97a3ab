from __future__ import annotations

import contextlib
import math
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@contextlib.contextmanager
def evaluating(model: nn.Module):
    """Evaluation mode without gradients; the mode from before comes back."""
    mode = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(mode)


def _scores(model: nn.Module, ids: Tensor) -> Tensor:
    return model(ids)[:, -1]


def calc_accuracy_loader(data_loader, model, device, num_batches: int | None = None) -> float:
    with evaluating(model):
        hits = [
            _scores(model, ids.to(device)).argmax(dim=-1).cpu() == labels.cpu()
            for ids, labels in islice(data_loader, num_batches)
        ]
    return torch.cat(hits).double().mean().item()


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model, device) -> Tensor:
    return F.nll_loss(F.log_softmax(_scores(model, input_batch.to(device)), dim=-1), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches: int | None = None) -> float:
    losses = [calc_loss_batch(x, y, model, device).item() for x, y in islice(data_loader, num_batches)]
    return math.fsum(losses) / len(losses) if losses else math.nan


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs: int,
                            eval_freq: int, eval_iter: int):
    losses: list[list[float]] = []
    accuracies: list[list[float]] = []
    examples_seen = 0
    step = 0
    for _ in range(num_epochs):
        for input_batch, target_batch in train_loader:
            model.train()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            examples_seen += target_batch.shape[0]
            if step % eval_freq == 0:
                with evaluating(model):
                    losses.append([
                        calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)
                    ])
            step += 1
        accuracies.append([
            calc_accuracy_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)
        ])
    train_losses, val_losses = ([row[k] for row in losses] for k in (0, 1))
    train_accs, val_accs = ([row[k] for row in accuracies] for k in (0, 1))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text: str, model, tokenizer, device, max_length: int | None = None,
                    pad_token_id: int = 50256) -> str:
    length = model.pos_emb.weight.shape[0]
    if max_length is not None:
        length = min(length, max_length)
    ids = tokenizer.encode(text)[:length]
    row = torch.tensor([*ids, *[pad_token_id] * (length - len(ids))], device=device)
    with evaluating(model):
        label = int(_scores(model, row[None]).argmax())
    return "spam" if label == 1 else "not spam"
