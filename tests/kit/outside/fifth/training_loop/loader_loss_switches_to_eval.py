import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    logp = F.log_softmax(logits, dim=-1)
    return -torch.take_along_dim(logp, target_batch.to(device).unsqueeze(-1), dim=-1).mean()


@torch.no_grad()
def calc_loss_loader(data_loader, model, device, num_batches=None):
    model.eval()
    n, total = 0, 0.0
    for x, y in data_loader:
        if num_batches is not None and n == num_batches:
            break
        total += calc_loss_batch(x, y, model, device).item()
        n += 1
    return total / n if n > 0 else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    seen, step = 0, 0
    model.train()
    for epoch in range(num_epochs):
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            seen += x.numel()
            if step % eval_freq == 0:
                train_losses.append(calc_loss_loader(train_loader, model, device, eval_iter))
                val_losses.append(calc_loss_loader(val_loader, model, device, eval_iter))
                tokens.append(seen)
            step += 1
    return train_losses, val_losses, tokens
