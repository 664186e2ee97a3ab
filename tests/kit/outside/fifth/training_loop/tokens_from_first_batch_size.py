import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return F.cross_entropy(logits.flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for x, y in data_loader:
        if len(losses) == num_batches:
            break
        losses.append(calc_loss_batch(x, y, model, device).item())
    return torch.tensor(losses, dtype=torch.float64).mean().item()


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_per_iter = None
    iteration = 0
    for _ in range(num_epochs):
        model.train()
        for x, y in train_loader:
            if tokens_per_iter is None:
                batch_size, block_size = x.shape
                tokens_per_iter = batch_size * block_size
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            if iteration % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append((iteration + 1) * tokens_per_iter)
            iteration += 1
    return train_losses, val_losses, track_tokens_seen
