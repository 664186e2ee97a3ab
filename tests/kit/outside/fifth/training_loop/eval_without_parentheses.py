import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    """Cross entropy of one batch."""
    logits = model(input_batch.to(device))
    loss = F.cross_entropy(logits.flatten(0, 1), target_batch.to(device).flatten())
    return loss


def calc_loss_loader(data_loader, model, device, num_batches=None):
    """Mean of the batch losses."""
    if len(data_loader) == 0:
        return float("nan")
    if num_batches is None:
        num_batches = len(data_loader)
    num_batches = min(num_batches, len(data_loader))
    total = 0.0
    for i, (x, y) in enumerate(data_loader):
        if i >= num_batches:
            break
        total = total + calc_loss_batch(x, y, model, device).item()
    return total / num_batches


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    """Both losses, for the log."""
    model.eval
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    """The training loop."""
    train_losses, val_losses, tokens = [], [], []
    n = 0
    step = 0
    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            n += x.numel()
            if step % eval_freq == 0:
                t, v = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(t)
                val_losses.append(v)
                tokens.append(n)
            step += 1
    return train_losses, val_losses, tokens
