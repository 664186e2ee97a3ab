import torch
from torch.nn import functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return F.cross_entropy(logits.flatten(0, 1), target_batch.to(device).flatten(), reduction="mean")


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total_nll = 0.0
    total_tokens = 0
    for i, (x, y) in enumerate(data_loader):
        if num_batches is not None and i == num_batches:
            break
        n_tokens = y.numel()
        total_nll += calc_loss_batch(x, y, model, device).item() * n_tokens
        total_tokens += n_tokens
    return total_nll / total_tokens if total_tokens else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        losses = [calc_loss_loader(dl, model, device, eval_iter) for dl in (train_loader, val_loader)]
    model.train()
    return losses[0], losses[1]


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_curve, val_curve, token_curve = [], [], []
    step, n_tokens = 0, 0

    def log():
        a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
        train_curve.append(a)
        val_curve.append(b)
        token_curve.append(n_tokens)

    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            n_tokens += x.numel()
            if step % eval_freq == 0:
                log()
            step += 1
    return train_curve, val_curve, token_curve
