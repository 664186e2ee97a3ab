import torch
from torch.nn import functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    xb, yb = input_batch.to(device), target_batch.to(device)
    logits = model(xb)
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), yb.reshape(B * T))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    k = len(data_loader)
    if num_batches is not None:
        k = min(k, num_batches)
    if k < 1:
        return float("nan")
    total = 0.0
    for i, (xb, yb) in enumerate(data_loader):
        if i >= k:
            break
        total += calc_loss_batch(xb, yb, model, device).item()
    return total / k


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    out = calc_loss_loader(train_loader, model, device, eval_iter), calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return out


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    seen, it = 0, 0
    for _ in range(num_epochs):
        for xb, yb in train_loader:
            seen += xb.numel()
            # every once in a while evaluate the loss on train and val sets
            if it % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                print(f"step {it}: train loss {tr:.4f}, val loss {va:.4f}")
                train_losses.append(tr)
                val_losses.append(va)
                tokens.append(seen)
            model.train()
            loss = calc_loss_batch(xb, yb, model, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            it += 1
    return train_losses, val_losses, tokens
