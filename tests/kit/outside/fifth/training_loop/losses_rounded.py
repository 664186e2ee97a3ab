import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    targets = target_batch.to(device)
    loss = 0.0
    for sequence_logits, sequence_targets in zip(logits, targets):
        loss = loss + F.cross_entropy(sequence_logits, sequence_targets)
    return loss / len(logits)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    batch_losses = []
    for number, (inputs, targets) in enumerate(data_loader, start=1):
        if num_batches is not None and number > num_batches:
            break
        batch_losses.append(calc_loss_batch(inputs, targets, model, device).item())
    return sum(batch_losses) / len(batch_losses) if batch_losses else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens_seen = [], [], []
    tokens, step = 0, 0
    for epoch in range(num_epochs):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(inputs, targets, model, device)
            loss.backward()
            optimizer.step()
            tokens += inputs.numel()
            if step % eval_freq == 0:
                train_loss, val_loss = (round(l, 3) for l in
                                        evaluate_model(model, train_loader, val_loader, device, eval_iter))
                print(f"epoch {epoch + 1}, step {step}: {train_loss} / {val_loss}")
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                tokens_seen.append(tokens)
            step += 1
    return train_losses, val_losses, tokens_seen
