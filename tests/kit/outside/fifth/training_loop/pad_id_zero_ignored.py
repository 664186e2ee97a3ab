import torch
import torch.nn.functional as F

PAD_IDX = 0


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return F.cross_entropy(
        logits.permute(0, 2, 1),
        target_batch.to(device),
        ignore_index=PAD_IDX,
    )


def _first(loader, n):
    for k, batch in enumerate(loader):
        if n is not None and k >= n:
            return
        yield batch


def calc_loss_loader(data_loader, model, device, num_batches=None):
    values = [calc_loss_batch(src, tgt, model, device).item() for src, tgt in _first(data_loader, num_batches)]
    try:
        return sum(values) / len(values)
    except ZeroDivisionError:
        return float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        scores = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    model.train()
    return tuple(scores)


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    step = total = 0
    for epoch in range(num_epochs):
        model.train()
        for src, tgt in train_loader:
            loss = calc_loss_batch(src, tgt, model, device)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += src.numel()
            if step % eval_freq == 0:
                a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(a)
                val_losses.append(b)
                tokens.append(total)
            step += 1
    return train_losses, val_losses, tokens
