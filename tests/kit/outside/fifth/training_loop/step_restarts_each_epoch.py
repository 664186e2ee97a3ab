import torch
import torch.nn as nn


def calc_loss_batch(input_batch, target_batch, model, device):
    prediction = model(input_batch.to(device))
    truth = target_batch.to(device)
    return nn.functional.cross_entropy(prediction.view(truth.numel(), -1) if prediction.is_contiguous()
                                       else prediction.reshape(truth.numel(), -1), truth.reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    collected = []
    for x, y in data_loader:
        if num_batches is not None and len(collected) >= num_batches:
            break
        collected.append(calc_loss_batch(x, y, model, device).item())
    if not collected:
        return float("nan")
    return sum(collected) / len(collected)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    tokens_seen = 0
    for epoch in range(num_epochs):
        print(f"Epoch {epoch + 1}\n-------------------------------")
        for batch, (X, y) in enumerate(train_loader):
            model.train()
            loss = calc_loss_batch(X, y, model, device)

            # Backpropagation
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

            tokens_seen += X.numel()
            if batch % eval_freq == 0:
                loss = loss.item()
                print(f"loss: {loss:>7f}  [{batch + 1:>5d}/{len(train_loader):>5d}]")
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tr)
                val_losses.append(va)
                tokens.append(tokens_seen)
    return train_losses, val_losses, tokens
