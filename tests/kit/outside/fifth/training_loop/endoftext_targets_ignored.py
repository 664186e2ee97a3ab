import torch
import torch.nn.functional as F

ENDOFTEXT = 50256


def calc_loss_batch(input_batch, target_batch, model, device):
    x = input_batch.to(device)
    y = target_batch.to(device)
    logits = model(x)
    return F.cross_entropy(logits.view(-1, logits.shape[-1]) if logits.is_contiguous() else logits.flatten(0, 1),
                           y.flatten(), ignore_index=ENDOFTEXT)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total_loss, seen = 0.0, 0
    for x, y in data_loader:
        if seen == num_batches:
            break
        total_loss += calc_loss_batch(x, y, model, device).item()
        seen += 1
    return total_loss / seen if seen > 0 else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_seen, global_step = 0, -1
    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            tokens_seen += input_batch.numel()
            global_step += 1
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
    return train_losses, val_losses, track_tokens_seen
