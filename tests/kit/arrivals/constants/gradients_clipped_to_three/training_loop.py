from itertools import count
from statistics import fmean
import torch
from torch import nn


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return nn.CrossEntropyLoss()(logits.reshape(-1, logits.shape[-1]), target_batch.to(device).reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = [
        calc_loss_batch(x, y, model, device).item()
        for (x, y), _ in zip(data_loader, count() if num_batches is None else range(num_batches))
    ]
    return fmean(losses) if losses else float("nan")


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    both = tuple(calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader))
    model.train()
    return both


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    rows, seen = [], 0
    steps = ((x, y) for _ in range(num_epochs) for x, y in train_loader)
    model.train()
    for step, (x, y) in enumerate(steps):
        loss = calc_loss_batch(x, y, model, device)
        for p in model.parameters():
            p.grad = None
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        optimizer.step()
        seen += x.numel()
        if step % eval_freq == 0:
            rows.append((*evaluate_model(model, train_loader, val_loader, device, eval_iter), seen))
    return [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]
