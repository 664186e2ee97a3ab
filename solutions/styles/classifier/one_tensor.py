"""Collects what it needs in one tensor and averages at the end; pads by copying into a tensor full of padding."""

from itertools import islice

import torch
from torch.nn import functional as F


def last_logits(model, ids, device):
    return model(ids.to(device)).select(1, -1)


@torch.inference_mode()
def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    hits = [
        last_logits(model, ids, device).max(dim=1).indices.eq(classes.to(device))
        for ids, classes in islice(data_loader, num_batches)
    ]
    return torch.cat(hits).double().mean().item()


def calc_loss_batch(input_batch, target_batch, model, device):
    log_p = F.log_softmax(last_logits(model, input_batch, device), dim=1)
    return F.nll_loss(log_p, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = [calc_loss_batch(*batch, model, device).item() for batch in islice(data_loader, num_batches)]
    return torch.tensor(losses, dtype=torch.float64).mean().item()  # the mean of nothing is nan


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    losses, accuracies = [], []
    loaders = train_loader, val_loader
    step = seen = 0
    for _ in range(num_epochs):
        for ids, classes in train_loader:
            model.train()
            calc_loss_batch(ids, classes, model, device).backward()
            optimizer.step()
            optimizer.zero_grad()
            seen += ids.size(0)
            if not step % eval_freq:
                model.eval()
                with torch.inference_mode():
                    losses.append([calc_loss_loader(loader, model, device, eval_iter) for loader in loaders])
            step += 1
        accuracies.append([calc_accuracy_loader(loader, model, device, eval_iter) for loader in loaders])
    return *map(list, zip(*losses, strict=True)), *map(list, zip(*accuracies, strict=True)), seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    longest = model.pos_emb.weight.size(0)
    ids = torch.tensor(tokenizer.encode(text))[: min(max_length or longest, longest)]
    row = torch.full((1, max_length or longest), pad_token_id)
    row[0, : ids.numel()] = ids
    with torch.inference_mode():
        return ("not spam", "spam")[int(last_logits(model, row, device).argmax())]
