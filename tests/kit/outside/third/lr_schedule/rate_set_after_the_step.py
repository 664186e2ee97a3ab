from math import cos, pi

from torch.nn.utils import clip_grad_norm_

from .training_loop import calc_loss_batch
from .training_loop import evaluate_model


def find_highest_gradient(model):
    highest = None
    for name, parameter in model.named_parameters():
        if parameter.grad is None:
            continue
        value = float(parameter.grad.max())
        highest = value if highest is None else max(highest, value)
    return highest


def make_rates(start, peak, low, warm, total):
    rates = []
    # going up
    for i in range(warm):
        rates.append(start + i * (peak - start) / warm)
    # going down
    down = total - warm
    for i in range(down):
        rates.append(low + (peak - low) * 0.5 * (1 + cos(pi * i / down)))
    return rates


def train_model(model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter,
                start_context, tokenizer, warmup_steps, initial_lr=3e-05, min_lr=1e-6):
    peak_lr = optimizer.param_groups[-1]["lr"]
    track_lrs = make_rates(initial_lr, peak_lr, min_lr, warmup_steps, len(train_loader) * n_epochs)
    results = ([], [], [])
    seen = 0
    step = 0
    while n_epochs > 0:
        n_epochs -= 1
        for batch in train_loader:
            inputs, targets = batch
            model.train()
            model.zero_grad()
            loss = calc_loss_batch(inputs, targets, model, device)
            loss.backward()
            if step >= warmup_steps:
                clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
            for group in optimizer.param_groups:
                group["lr"] = track_lrs[step]
            seen += inputs.numel()
            if step % eval_freq == 0:
                a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                for box, value in zip(results, (a, b, seen)):
                    box.append(value)
            step += 1
    train_losses, val_losses, tokens_seen = results
    return train_losses, val_losses, tokens_seen, track_lrs
