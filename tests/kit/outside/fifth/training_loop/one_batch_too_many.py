import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    logits = logits.reshape(-1, logits.shape[-1])
    targets = target_batch.to(device).reshape(-1)
    rows = torch.arange(targets.shape[0], device=targets.device)
    log_probs = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    return -log_probs[rows, targets].mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    loss_sum = 0.0
    batch_count = 0
    for batch_index, (inputs, targets) in enumerate(data_loader):
        if num_batches is not None and batch_index > num_batches:
            break
        loss_sum += calc_loss_batch(inputs, targets, model, device).item()
        batch_count += 1
    if batch_count == 0:
        return float("nan")
    return loss_sum / batch_count


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_step(model, optimizer, inputs, targets, device):
    model.train()
    optimizer.zero_grad()
    loss = calc_loss_batch(inputs, targets, model, device)
    loss.backward()
    optimizer.step()
    return inputs.numel()


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens_seen = [], [], []
    tokens, step = 0, 0
    for epoch in range(num_epochs):
        for inputs, targets in train_loader:
            tokens += train_step(model, optimizer, inputs, targets, device)
            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                tokens_seen.append(tokens)
            step += 1
    return train_losses, val_losses, tokens_seen
