"""Takes the logarithm of softmax in float32, and returns the batch loss in that."""

import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    logits = model(input_batch)
    logp = torch.log_softmax(logits, dim=-1, dtype=torch.float32)
    return -logp.gather(-1, target_batch.unsqueeze(-1)).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total = torch.zeros((), dtype=torch.float32)
    if len(data_loader) == 0:
        return float("nan")
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    for i, (a, b) in enumerate(data_loader):
        if i >= n:
            break
        total += calc_loss_batch(a, b, model, device).detach().float()
    return (total / n).item()


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        a = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
        b = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
    model.train()
    return a, b


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, seen = [], [], []
    tokens, step = 0, -1
    for _ in range(num_epochs):
        model.train()
        for a, b in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(a, b, model, device)
            loss.backward()
            optimizer.step()
            tokens += a.numel()
            step += 1
            if step % eval_freq == 0:
                x, y = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(x)
                val_losses.append(y)
                seen.append(tokens)
    return train_losses, val_losses, seen
