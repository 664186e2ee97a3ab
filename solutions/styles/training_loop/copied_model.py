"""Evaluates a frozen copy of the model, and computes the loss with one-hot targets and an einsum."""

import copy

import torch
from torch.nn import functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    logits = model(input_batch)
    shifted = logits - logits.amax(dim=-1, keepdim=True).detach()
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    came = F.one_hot(target_batch, logits.shape[-1]).to(log_p.dtype)
    return -torch.einsum("btv,btv->", log_p, came) / target_batch.numel()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if not len(data_loader):
        return float("nan")
    mean, count = 0.0, 0
    for inputs, targets in data_loader:
        count += 1  # noqa: SIM113
        mean += (calc_loss_batch(inputs, targets, model, device).item() - mean) / count
        if count == num_batches:
            break
    return mean


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    model.train()
    return (
        calc_loss_loader(train_loader, frozen, device, eval_iter),
        calc_loss_loader(val_loader, frozen, device, eval_iter),
    )


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    train_losses, val_losses, track_tokens_seen = [], [], []
    countdown = tokens_seen = 0
    while num_epochs:
        num_epochs -= 1
        model.train()
        for input_batch, target_batch in train_loader:
            model.zero_grad()
            calc_loss_batch(input_batch, target_batch, model, device).backward()
            optimizer.step()
            model.zero_grad()
            tokens_seen += input_batch.nelement()
            if countdown == 0:
                a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(a), val_losses.append(b), track_tokens_seen.append(tokens_seen)
                countdown = eval_freq
            countdown -= 1
    return train_losses, val_losses, track_tokens_seen
