import math
from functools import partial
import torch
from torch import nn


def calc_loss_batch(input_batch, target_batch, model, device):
    log_p = nn.LogSoftmax(dim=-1)(model(input_batch.to(device)))
    return nn.NLLLoss()(log_p.flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    stop = math.inf if num_batches is None else num_batches
    values = []
    for x, y in data_loader:
        if len(values) >= stop:
            break
        values.append(calc_loss_batch(x, y, model, device).item())
    return math.fsum(values) / len(values) if values else math.nan


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.train(False)
    mean_loss = partial(calc_loss_loader, model=model, device=device, num_batches=eval_iter)
    with torch.no_grad():
        pair = mean_loss(train_loader), mean_loss(val_loader)
    model.train(True)
    return pair


def backprop(x, y, model, device):
    loss = calc_loss_batch(x, y, model, device)
    loss.backward()
    return loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    model.train()
    points = []
    tokens = 0
    steps = 0
    for _ in range(num_epochs):
        for x, y in train_loader:
            optimizer.step(partial(backprop, x, y, model, device))
            tokens += x.numel()
            if steps % eval_freq == 0:
                points.append((*evaluate_model(model, train_loader, val_loader, device, eval_iter), tokens))
            steps += 1
    return tuple([p[k] for p in points] for k in range(3))
