import numpy as np
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    scores = model(input_batch.to(device))
    return F.cross_entropy(scores.swapaxes(1, 2), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for i, (x, y) in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            break
        losses.append(calc_loss_batch(x, y, model, device).detach().cpu().numpy())
    return float(np.mean(losses, dtype=np.float64)) if losses else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses = [], []
    token_counts = []
    records = []
    step = 0
    for epoch in range(num_epochs):
        for x, y in train_loader:
            model.train()
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            token_counts.append(x.numel())
            if step % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tr)
                val_losses.append(va)
                records.append(sum(token_counts))
            step += 1
    return train_losses, val_losses, records
