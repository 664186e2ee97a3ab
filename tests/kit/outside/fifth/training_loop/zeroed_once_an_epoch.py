import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    x, y = (t.to(device) for t in (input_batch, target_batch))
    return F.cross_entropy(model(x).mT, y)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n_total = len(data_loader)
    n = n_total if num_batches is None else min(n_total, num_batches)
    if n == 0:
        return float("nan")
    s = 0.0
    for i, (x, y) in enumerate(data_loader):
        if i == n:
            break
        s += calc_loss_batch(x, y, model, device).item() / n
    return s


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_one_epoch(model, loader, optimizer, device, on_step):
    model.train()
    optimizer.zero_grad()
    for x, y in loader:
        loss = calc_loss_batch(x, y, model, device)
        loss.backward()
        optimizer.step()
        on_step(x)


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    seen, step = 0, 0

    def on_step(x):
        nonlocal seen, step
        seen += x.numel()
        if step % eval_freq == 0:
            tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
            train_losses.append(tr)
            val_losses.append(va)
            tokens.append(seen)
        step += 1

    for epoch in range(num_epochs):
        train_one_epoch(model, train_loader, optimizer, device, on_step)
    return train_losses, val_losses, tokens
