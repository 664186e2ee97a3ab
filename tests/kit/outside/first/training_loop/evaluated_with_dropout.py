# MISTAKE: evaluate_model does not call model.eval(), so dropout acts while the losses are measured; right is eval mode.
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)
    return F.cross_entropy(logits.reshape(-1, logits.size(-1)), target_batch.reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader)
    if n == 0:
        return float("nan")
    if num_batches is not None and num_batches < n:
        n = num_batches
    losses = torch.zeros(n)
    batches = iter(data_loader)
    for k in range(n):
        X, Y = next(batches)
        losses[k] = calc_loss_batch(X, Y, model, device).item()
    return losses.mean().item()


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    out = {}
    for split, loader in (("train", train_loader), ("val", val_loader)):
        out[split] = calc_loss_loader(loader, model, device, num_batches=eval_iter)
    model.train()
    return out["train"], out["val"]


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_seen, it = 0, 0
    model.train()
    for epoch in range(num_epochs):
        for X, Y in train_loader:
            loss = calc_loss_batch(X, Y, model, device)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            tokens_seen += X.numel()
            if it % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tr)
                val_losses.append(va)
                track_tokens_seen.append(tokens_seen)
            it += 1
    return train_losses, val_losses, track_tokens_seen
