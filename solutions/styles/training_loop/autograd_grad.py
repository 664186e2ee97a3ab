"""Gradients from torch.autograd.grad and a loss from logsumexp; evaluation freezes the parameters instead of no_grad."""

import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    batch, tokens, _ = logits.shape
    rows = torch.arange(batch, device=logits.device)[:, None], torch.arange(tokens, device=logits.device)[None]
    true = logits[(*rows, target_batch.to(device))]
    return (logits.logsumexp(dim=-1) - true).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = torch.zeros((), dtype=torch.float64)
    batches = iter(data_loader)
    for _ in range(count):
        total += calc_loss_batch(*next(batches), model, device).detach()
    return (total / count).item()  # 0 / 0 is nan


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.train(False)
    losses = (
        calc_loss_loader(train_loader, model, device, eval_iter),
        calc_loss_loader(val_loader, model, device, num_batches=eval_iter),
    )
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    model.train(True)
    return losses


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    curves = ([], [], [])
    parameters = list(model.parameters())
    seen = []
    for _ in range(num_epochs):
        for batch in train_loader:
            model.train()
            loss = calc_loss_batch(*batch, model, device)
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=False):
                parameter.grad = gradient
            optimizer.step()
            seen.append(batch[0].numel())
            if (len(seen) - 1) % eval_freq == 0:
                losses = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                for curve, value in zip(curves, (*losses, sum(seen)), strict=False):
                    curve.append(value)
    return curves
