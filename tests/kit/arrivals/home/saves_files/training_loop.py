"""Keep a record of the training on disk: a log, the weights after each epoch, and the settings."""

import json
import os
from pathlib import Path

import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return F.cross_entropy(logits.flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = 0.0
    for number, batch in enumerate(data_loader):
        if number == count:
            break
        total += calc_loss_batch(*batch, model, device).item()
    return total / count if count else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        losses = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    model.train()
    return tuple(losses)


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    train_losses, val_losses, track_tokens_seen = [], [], []
    seen = step = 0
    for epoch in range(num_epochs):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            seen += inputs.numel()
            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(seen)
            step += 1
        os.makedirs("out", exist_ok=True)
        torch.save(model.state_dict(), "model.pth")
        torch.save({"epoch": epoch, "model": model.state_dict()}, Path("checkpoints") / f"epoch_{epoch}.pt")
        with open("log.txt", "a") as log:
            log.write(f"{epoch} {train_losses}\n")
        with open("runs/today/settings.json", "w") as file:
            json.dump({"epochs": num_epochs}, file)
        Path("out", "tokens.txt").write_text(str(track_tokens_seen))
        model.load_state_dict(torch.load("model.pth"))
    return train_losses, val_losses, track_tokens_seen
