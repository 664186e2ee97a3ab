import torch
import torch.nn as nn


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return nn.functional.cross_entropy(logits.movedim(-1, 1), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    batches = iter(data_loader)
    if next(batches, None) is None:
        return float("nan")
    if num_batches is None:
        num_batches = len(data_loader)
    losses = []
    while len(losses) < num_batches:
        batch = next(batches, None)
        if batch is None:
            break
        losses.append(calc_loss_batch(batch[0], batch[1], model, device).item())
    return sum(losses) / max(len(losses), 1)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses = []
    val_losses = []
    track_tokens_seen = []
    tokens_seen = 0
    global_step = 0
    for epoch in range(num_epochs):
        model.train()
        for batch in train_loader:
            inputs, targets = batch
            optimizer.zero_grad()
            loss = calc_loss_batch(inputs, targets, model, device)
            loss.backward()
            optimizer.step()
            tokens_seen += torch.numel(inputs)
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses += [train_loss]
                val_losses += [val_loss]
                track_tokens_seen += [tokens_seen]
            global_step += 1
    return train_losses, val_losses, track_tokens_seen
