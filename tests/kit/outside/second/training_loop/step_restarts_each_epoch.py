# MISTAKE: The step for g % eval_freq is the index within the epoch from enumerate, which starts at 0 again in every epoch; right is one global step counted over all epochs.
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    vocab = logits.size(-1)
    return F.cross_entropy(logits.reshape(-1, vocab), target_batch.to(device).reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader)
    if n == 0:
        return float("nan")
    if num_batches is not None:
        n = min(n, num_batches)
    losses = []
    for (xb, yb), _ in zip(data_loader, range(n)):
        losses.append(calc_loss_batch(xb, yb, model, device).item())
    return sum(losses) / n


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    out = []
    model.eval()
    for loader in (train_loader, val_loader):
        out.append(calc_loss_loader(loader, model, device, eval_iter))
    model.train()
    return tuple(out)


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_seen = 0
    model.train()
    for _ in range(num_epochs):
        for step, (xb, yb) in enumerate(train_loader):
            loss = calc_loss_batch(xb, yb, model, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            tokens_seen += xb.shape[0] * xb.shape[1]
            if step % eval_freq == 0:
                tl, vl = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tl)
                val_losses.append(vl)
                track_tokens_seen.append(tokens_seen)
    return train_losses, val_losses, track_tokens_seen
