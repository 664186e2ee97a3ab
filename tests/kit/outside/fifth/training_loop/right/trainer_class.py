import contextlib
import torch
from torch import nn


class Trainer:
    def __init__(self, model, optimizer, device):
        self.model = model
        self.optimizer = optimizer
        self.device = device
        self.step_no = 0
        self.tokens = 0
        self.history = {"train": [], "val": [], "tokens": []}

    def fit_batch(self, inputs, targets):
        def closure():
            self.optimizer.zero_grad(set_to_none=True)
            loss = calc_loss_batch(inputs, targets, self.model, self.device)
            loss.backward()
            return loss

        self.model.train()
        self.optimizer.step(closure)
        self.tokens += inputs.numel()

    def record(self, train_loader, val_loader, eval_iter):
        tr, va = evaluate_model(self.model, train_loader, val_loader, self.device, eval_iter)
        self.history["train"].append(tr)
        self.history["val"].append(va)
        self.history["tokens"].append(self.tokens)

    def run(self, train_loader, val_loader, epochs, eval_freq, eval_iter):
        for _ in range(epochs):
            for inputs, targets in train_loader:
                self.fit_batch(inputs, targets)
                if self.step_no % eval_freq == 0:
                    self.record(train_loader, val_loader, eval_iter)
                self.step_no += 1
        return self.history["train"], self.history["val"], self.history["tokens"]


@contextlib.contextmanager
def evaluating(model):
    model.train(False)
    with torch.no_grad():
        yield model
    model.train(True)


def calc_loss_batch(input_batch, target_batch, model, device):
    criterion = nn.CrossEntropyLoss()
    scores = model(input_batch.to(device))
    return criterion(scores.transpose(1, 2), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    limit = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if not limit:
        return float("nan")
    running, it = 0.0, iter(data_loader)
    for _ in range(limit):
        running += calc_loss_batch(*next(it), model, device).item()
    return running / limit


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    with evaluating(model) as m:
        a = calc_loss_loader(train_loader, m, device, eval_iter)
        b = calc_loss_loader(val_loader, m, device, eval_iter)
    return a, b


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    return Trainer(model, optimizer, device).run(train_loader, val_loader, num_epochs, eval_freq, eval_iter)
