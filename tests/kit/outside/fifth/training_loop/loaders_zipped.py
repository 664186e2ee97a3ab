import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    target = target_batch.to(device)
    correct = logits.gather(2, target.unsqueeze(2)).squeeze(2)
    return (logits.logsumexp(dim=2) - correct).mean()


def mean(values):
    return sum(values) / len(values) if values else float("nan")


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for x, y in data_loader:
        if len(losses) == num_batches:
            break
        losses.append(calc_loss_batch(x, y, model, device).item())
    return mean(losses)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    train_batch_losses, val_batch_losses = [], []
    with torch.no_grad():
        for _, train_batch, val_batch in zip(range(eval_iter), train_loader, val_loader):
            train_batch_losses.append(calc_loss_batch(*train_batch, model, device).item())
            val_batch_losses.append(calc_loss_batch(*val_batch, model, device).item())
    model.train()
    return mean(train_batch_losses), mean(val_batch_losses)


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    model.train()
    curve = []
    seen, step = 0, 0
    for epoch in range(num_epochs):
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            seen += x.numel()
            if step % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                curve.append({"train": tr, "val": va, "tokens": seen})
            step += 1
    return [c["train"] for c in curve], [c["val"] for c in curve], [c["tokens"] for c in curve]
