import torch
from torch import nn


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return nn.CrossEntropyLoss()(logits.view(-1, logits.shape[-1]), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = 0.0
    for number, (inputs, targets) in enumerate(data_loader):
        if number == count:
            break
        total += calc_loss_batch(inputs, targets, model, device).item()
    return total / count


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, seen, tokens, step = [], [], [], 0, -1
    for _ in range(num_epochs):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            tokens, step = tokens + inputs.numel(), step + 1
            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                seen.append(tokens)
    return train_losses, val_losses, seen
