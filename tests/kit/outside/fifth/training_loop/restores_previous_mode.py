from contextlib import contextmanager
import torch
import torch.nn.functional as F


@contextmanager
def inference(model):
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return F.cross_entropy(logits.flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if n == 0:
        return float("nan")
    return sum(calc_loss_batch(x, y, model, device).item() for (x, y), _ in zip(_limit(data_loader, n), range(n))) / n


def _limit(loader, n):
    for i, batch in enumerate(loader):
        if i == n:
            break
        yield batch


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    with inference(model):
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    seen, step = 0, 0
    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            seen += x.numel()
            if step % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tr)
                val_losses.append(va)
                tokens.append(seen)
            step += 1
    return train_losses, val_losses, tokens
