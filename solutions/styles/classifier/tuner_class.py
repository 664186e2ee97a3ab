"""A class holds the model and switches its mode in a context manager; the functions only call it."""

import contextlib
import statistics
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn


@dataclass
class History:
    train_losses: list[float] = field(default_factory=list)
    val_losses: list[float] = field(default_factory=list)
    train_accs: list[float] = field(default_factory=list)
    val_accs: list[float] = field(default_factory=list)
    examples_seen: int = 0


@dataclass
class Tuner:
    model: nn.Module
    device: Any

    @contextlib.contextmanager
    def measuring(self):
        mode = self.model.training
        self.model.eval()
        with torch.no_grad():
            yield
        self.model.train(mode)

    def batches(self, loader, most=None):
        for number, batch in enumerate(loader):
            if most is not None and number >= most:
                return
            yield tuple(part.to(self.device) for part in batch)

    def logits(self, ids):
        return self.model(ids)[:, -1, :]

    def loss(self, ids, classes):
        return nn.CrossEntropyLoss()(self.logits(ids), classes)

    def mean_loss(self, loader, most=None):
        losses = [self.loss(*batch).item() for batch in self.batches(loader, most)]
        return statistics.fmean(losses) if losses else float("nan")

    def accuracy(self, loader, most=None):
        shares = []
        with self.measuring():
            for ids, classes in self.batches(loader, most):
                pairs = zip(self.logits(ids).tolist(), classes.tolist(), strict=True)
                shares.append(statistics.fmean(row.index(max(row)) == right for row, right in pairs))
        return statistics.fmean(shares)

    def train(self, train_loader, val_loader, optimizer, epochs, eval_freq, eval_iter):
        history = History()
        step = 0
        for _ in range(epochs):
            for ids, classes in self.batches(train_loader):
                self.model.train()
                optimizer.zero_grad(set_to_none=False)
                self.loss(ids, classes).backward()
                optimizer.step()
                history.examples_seen += len(ids)
                if step % eval_freq == 0:
                    with self.measuring():
                        history.train_losses.append(self.mean_loss(train_loader, eval_iter))
                        history.val_losses.append(self.mean_loss(val_loader, eval_iter))
                step += 1
            history.train_accs.append(self.accuracy(train_loader, eval_iter))
            history.val_accs.append(self.accuracy(val_loader, eval_iter))
        return history


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    return Tuner(model, device).accuracy(data_loader, num_batches)


def calc_loss_batch(input_batch, target_batch, model, device):
    return Tuner(model, device).loss(input_batch.to(device), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    return Tuner(model, device).mean_loss(data_loader, num_batches)


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    history = Tuner(model, device).train(train_loader, val_loader, optimizer, num_epochs, eval_freq, eval_iter)
    return tuple(vars(history).values())


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    tuner = Tuner(model, device)
    max_length = max_length or len(model.pos_emb.weight)
    ids = tokenizer.encode(text) + max_length * [pad_token_id]
    with tuner.measuring():
        logits = tuner.logits(torch.tensor([ids[:max_length]]).to(device))
    return "spam" if logits[0, 1] > logits[0, 0] else "not spam"
