import torch
from torch import nn


class Evaluator:
    def __init__(self, model, device):
        self.model, self.device = model, device

    def mean_loss(self, loader, limit=None):
        return calc_loss_loader(loader, self.model, self.device, limit)

    def __call__(self, train_loader, val_loader, eval_iter):
        self.model.eval()
        with torch.no_grad():
            train_loss = self.mean_loss(train_loader, eval_iter)
            val_loss = self.mean_loss(val_loader)
        self.model.train()
        return train_loss, val_loss


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return nn.functional.cross_entropy(logits.flatten(end_dim=1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total, n = 0.0, 0
    for x, y in data_loader:
        if num_batches is not None and n >= num_batches:
            break
        total += calc_loss_batch(x, y, model, device).item()
        n += 1
    return total / n if n else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    return Evaluator(model, device)(train_loader, val_loader, eval_iter)


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    evaluator = Evaluator(model, device)
    train_losses, val_losses, track_tokens_seen = [], [], []
    step = tokens_seen = 0
    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            tokens_seen += x.numel()
            if step % eval_freq == 0:
                a, b = evaluator(train_loader, val_loader, eval_iter)
                train_losses.append(a)
                val_losses.append(b)
                track_tokens_seen.append(tokens_seen)
            step += 1
    return train_losses, val_losses, track_tokens_seen
