import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    y_hat = model(input_batch.to(device))
    return F.cross_entropy(y_hat.reshape(-1, y_hat.shape[-1]), target_batch.to(device).reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    max_batches = float("inf") if num_batches is None else num_batches
    sum_loss, n = 0.0, 0
    for x, y in data_loader:
        if n >= max_batches:
            break
        sum_loss, n = sum_loss + calc_loss_batch(x, y, model, device).item(), n + 1
    return sum_loss / n if n else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.training = False
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    model.train()
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_seen = 0
    global_step = 0
    for epoch in range(num_epochs):
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            tokens_seen += x.nelement()
            if not global_step % eval_freq:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tr)
                val_losses.append(va)
                track_tokens_seen.append(tokens_seen)
            global_step += 1
    return train_losses, val_losses, track_tokens_seen
