"""The optimizer gets a closure, the loss uses log_softmax and gather, and a decorator switches gradients off."""

import math
from itertools import islice

import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    log_probabilities = model(input_batch.to(device)).log_softmax(-1)
    return -log_probabilities.gather(-1, target_batch.to(device).unsqueeze(-1)).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = [float(calc_loss_batch(x, y, model, device)) for x, y in islice(data_loader, num_batches)]
    return math.fsum(losses) / len(losses) if losses else math.nan


@torch.inference_mode()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    try:
        losses = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    finally:
        model.train()
    return tuple(losses)


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    model.train()
    history = []
    step = tokens = 0
    for _ in range(num_epochs):
        for inputs, targets in train_loader:

            def closure(inputs=inputs, targets=targets):
                optimizer.zero_grad(set_to_none=True)
                loss = calc_loss_batch(inputs, targets, model, device)
                loss.backward()
                return loss

            optimizer.step(closure)
            tokens += inputs.size(0) * inputs.size(1)
            if not step % eval_freq:
                history.append((*evaluate_model(model, train_loader, val_loader, device, eval_iter), tokens))
            step += 1
    return [h[0] for h in history], [h[1] for h in history], [h[2] for h in history]
