import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    predictions = model(input_batch.to(device))
    return F.cross_entropy(predictions.flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if num_batches is None:
        num_batches = len(data_loader)
    num_batches = min(num_batches, len(data_loader))
    total_loss = 0
    iterator = iter(data_loader)
    for _ in range(num_batches):
        inputs, targets = next(iterator)
        total_loss += calc_loss_batch(inputs, targets, model, device).item()
    return total_loss / num_batches


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    results = {"train": [], "val": [], "tokens": []}
    next_eval, step, tokens = 0, 0, 0
    for epoch in range(num_epochs):
        for inputs, targets in train_loader:
            model.train()
            for group in optimizer.param_groups:
                for p in group["params"]:
                    p.grad = None
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            tokens += inputs.numel()
            if step == next_eval:
                next_eval += eval_freq
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                results["train"].append(train_loss)
                results["val"].append(val_loss)
                results["tokens"].append(tokens)
            step += 1
    return results["train"], results["val"], results["tokens"]
