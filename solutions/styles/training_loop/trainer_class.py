"""A class does the work, a generator makes the steps, and the functions only call them."""

import statistics

import torch
from torch import nn


class Trainer:
    def __init__(self, model, device):
        self.model = model.to(device)
        self.device = device
        self.criterion = nn.CrossEntropyLoss()

    def loss(self, inputs, targets):
        logits = self.model(inputs.to(self.device))
        return self.criterion(logits.view(-1, logits.size(-1)), targets.to(self.device).view(-1))

    def losses(self, loader, most):
        for number, batch in enumerate(loader, start=1):
            yield self.loss(*batch).item()
            if number == most:
                return

    def mean(self, loader, most=None):
        losses = list(self.losses(loader, most))
        return statistics.fmean(losses) if losses else float("nan")

    def evaluate(self, *loaders, most):
        self.model.eval()
        with torch.no_grad():
            means = tuple(self.mean(loader, most) for loader in loaders)
        self.model.train()
        return means

    def steps(self, loader, optimizer, epochs):
        tokens = 0
        for _ in range(epochs):
            for batch in loader:
                self.model.train()
                loss = self.loss(*batch)
                optimizer.zero_grad(set_to_none=False)
                loss.backward()
                optimizer.step()
                tokens += torch.numel(batch[0])
                yield tokens


def calc_loss_batch(input_batch, target_batch, model, device):
    return Trainer(model, device).loss(input_batch, target_batch)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    return Trainer(model, device).mean(data_loader, num_batches)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    return Trainer(model, device).evaluate(train_loader, val_loader, most=eval_iter)


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    trainer = Trainer(model, device)
    train_losses, val_losses, track_tokens_seen = [], [], []
    next_evaluation = 0
    for step, tokens in enumerate(trainer.steps(train_loader, optimizer, num_epochs)):
        if step == next_evaluation:
            train_loss, val_loss = trainer.evaluate(train_loader, val_loader, most=eval_iter)
            train_losses += [train_loss]
            val_losses += [val_loss]
            track_tokens_seen += [tokens]
            next_evaluation += eval_freq
    return train_losses, val_losses, track_tokens_seen
