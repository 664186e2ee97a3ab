"""Computes losses in float32 and passes a closure to the optimizer; accuracy from probabilities."""

import math

import torch
from torch.nn import functional as F


def probabilities(model, ids):
    return torch.softmax(model(ids)[:, -1, :].float(), dim=-1)


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    num_batches = min(num_batches or len(data_loader), len(data_loader))
    right = []
    model.eval()
    for number, (ids, classes) in enumerate(data_loader):
        if number == num_batches:
            break
        with torch.no_grad():
            predicted = torch.argmax(probabilities(model, ids.to(device)), dim=1)
        right.extend((predicted == classes.to(device)).tolist())
    return sum(right) / len(right)


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))[:, -1, :].float()
    return F.cross_entropy(logits, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for ids, classes in data_loader:
        if num_batches is not None and len(losses) >= num_batches:
            break
        losses.append(calc_loss_batch(ids, classes, model, device).item())
    return sum(losses) / len(losses) if losses else math.nan


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen = 0
    for step in range(num_epochs * len(train_loader)):
        if step % len(train_loader) == 0:
            batches = iter(train_loader)
        ids, classes = next(batches)

        def closure(ids=ids, classes=classes):
            optimizer.zero_grad()
            loss = calc_loss_batch(ids, classes, model, device)
            loss.backward()
            return loss

        model.train()
        optimizer.step(closure)
        examples_seen += ids.shape[0]
        model.eval()
        if step % eval_freq == 0:
            train_losses.append(calc_loss_loader(train_loader, model, device, eval_iter))
            val_losses.append(calc_loss_loader(val_loader, model, device, eval_iter))
        if (step + 1) % len(train_loader) == 0:
            train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
            val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    if max_length is None:
        max_length = model.pos_emb.weight.shape[0]
    ids = tokenizer.encode(text)
    ids = ids[:max_length] if len(ids) > max_length else ids + [pad_token_id] * (max_length - len(ids))
    with torch.no_grad():
        spam = probabilities(model, torch.tensor(ids, device=device).view(1, -1))[0, 1]
    return "spam" if spam > 0.5 else "not spam"
