import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)
    per_token = F.cross_entropy(logits.flatten(0, 1), target_batch.flatten(), reduction="none")
    return per_token.sum() / per_token.numel()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    if num_batches is None:
        num_batches = len(data_loader)
    if num_batches > len(data_loader):
        num_batches = len(data_loader)
    it = iter(data_loader)
    total = 0.0
    for _ in range(num_batches):
        a, b = next(it)
        total += calc_loss_batch(a, b, model, device).item()
    return total / num_batches


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    history = {"train_loss": [], "val_loss": [], "tokens_seen": []}
    tokens_seen = 0
    global_step = 0
    for epoch in range(num_epochs):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            tokens_seen += len(inputs)
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                history["train_loss"].append(train_loss)
                history["val_loss"].append(val_loss)
                history["tokens_seen"].append(tokens_seen)
            global_step += 1
    return tuple(history.values())
