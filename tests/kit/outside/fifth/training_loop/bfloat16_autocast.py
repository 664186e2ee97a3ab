import math
import torch
from torch.nn import functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    device_type = torch.device(device).type
    with torch.autocast(device_type=device_type, dtype=torch.bfloat16):
        logits = model(input_batch.to(device))
        loss = F.cross_entropy(logits.flatten(0, -2), target_batch.to(device).flatten())
    return loss


@torch.no_grad()
def estimate_loss(model, loaders, device, eval_iters):
    out = {}
    model.eval()
    for split, loader in loaders.items():
        out[split] = calc_loss_loader(loader, model, device, eval_iters)
    model.train()
    return out


def calc_loss_loader(data_loader, model, device, num_batches=None):
    k = len(data_loader) if num_batches is None else min(len(data_loader), num_batches)
    if k == 0:
        return math.nan
    losses = torch.zeros(k)
    for i, (X, Y) in zip(range(k), data_loader):
        losses[i] = calc_loss_batch(X, Y, model, device).item()
    return losses.mean().item()


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    losses = estimate_loss(model, {"train": train_loader, "val": val_loader}, device, eval_iter)
    return losses["train"], losses["val"]


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    iter_num = 0
    tokens = 0
    tl, vl, tk = [], [], []
    for _ in range(num_epochs):
        for X, Y in train_loader:
            model.train()
            loss = calc_loss_batch(X, Y, model, device)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            tokens += X.numel()
            if iter_num % eval_freq == 0:
                losses = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                print(f"step {iter_num}: train loss {losses[0]:.4f}, val loss {losses[1]:.4f}")
                tl.append(losses[0])
                vl.append(losses[1])
                tk.append(tokens)
            iter_num += 1
    return tl, vl, tk
