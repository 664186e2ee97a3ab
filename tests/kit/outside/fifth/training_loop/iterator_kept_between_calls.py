import torch
import torch.nn.functional as F

_streams = {}


def _forever(loader):
    while True:
        for batch in loader:
            yield batch


def get_batch(loader):
    if id(loader) not in _streams:
        _streams[id(loader)] = _forever(loader)
    return next(_streams[id(loader)])


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), target_batch.to(device).reshape(B * T))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader)
    if n == 0:
        return float("nan")
    if num_batches is not None:
        n = min(n, num_batches)
    losses = torch.zeros(n)
    for k in range(n):
        X, Y = get_batch(data_loader)
        losses[k] = calc_loss_batch(X, Y, model, device).item()
    return losses.mean().item()


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    model.train()
    train_losses, val_losses, tokens = [], [], []
    seen = 0
    step = 0
    for epoch in range(num_epochs):
        for X, Y in train_loader:
            loss = calc_loss_batch(X, Y, model, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            seen += X.numel()
            if step % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tr)
                val_losses.append(va)
                tokens.append(seen)
            step += 1
    return train_losses, val_losses, tokens
