# MISTAKE: evaluate_model does not switch the model back to training mode; right is model.train() at its end.
import math
import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    logprobs = torch.log_softmax(logits, dim=-1)
    picked = logprobs.gather(-1, target_batch.to(device).unsqueeze(-1)).squeeze(-1)
    return -picked.mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total, count = 0.0, 0
    for input_batch, target_batch in data_loader:
        if num_batches is not None and count >= num_batches:
            break
        total += calc_loss_batch(input_batch, target_batch, model, device).item()
        count += 1
    if count == 0:
        return math.nan
    return total / count


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.inference_mode():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses = []
    val_losses = []
    track_tokens_seen = []
    tokens_seen = 0
    global_step = 0

    for _ in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            def closure():
                optimizer.zero_grad()
                loss = calc_loss_batch(input_batch, target_batch, model, device)
                loss.backward()
                return loss

            optimizer.step(closure)
            batch_size, num_tokens = input_batch.shape
            tokens_seen += batch_size * num_tokens
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
            global_step += 1

    return train_losses, val_losses, track_tokens_seen
