# MISTAKE: The evaluation comes before backward and step, so the recorded losses are those before step g; right is to evaluate after it.
import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    logits = model(input_batch)
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), target_batch.flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    limit = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = 0.0
    for i, (inp, tgt) in enumerate(data_loader):
        if i == limit:
            break
        total += calc_loss_batch(inp, tgt, model, device).item()
    return total / limit


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        result = (
            calc_loss_loader(train_loader, model, device, eval_iter),
            calc_loss_loader(val_loader, model, device, eval_iter),
        )
    model.train()
    return result


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_seen = 0
    global_step = -1
    for epoch in range(num_epochs):
        model.train()
        for inp, tgt in train_loader:
            global_step += 1
            tokens_seen += inp.numel()
            if global_step % eval_freq == 0:
                tl, vl = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(tl)
                val_losses.append(vl)
                track_tokens_seen.append(tokens_seen)
            optimizer.zero_grad()
            loss = calc_loss_batch(inp, tgt, model, device)
            loss.backward()
            optimizer.step()
    return train_losses, val_losses, track_tokens_seen
