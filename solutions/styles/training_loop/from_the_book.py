"""Written by a reader of the book: prints a line for each evaluation, and a sample text after each epoch.

The sample's longest input is the number of rows of `pos_emb`.
"""

import torch
from torch.nn import functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    scores = model(input_batch.to(device))
    return F.cross_entropy(scores.flatten(end_dim=1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    size = len(data_loader)
    wanted = size if num_batches is None else min(size, num_batches)
    if not wanted:
        return float("nan")
    total = 0.0
    for number, (inputs, targets) in enumerate(data_loader, start=1):
        total += calc_loss_batch(inputs, targets, model, device).item()
        if number == wanted:
            break
    return total / wanted


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    on_train, on_val = (calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader))
    model.train()
    return on_train, on_val


@torch.no_grad()
def print_sample(model, tokenizer, device, prompt, length=50):
    longest = model.pos_emb.weight.shape[0]
    ids = tokenizer.encode(prompt, allowed_special={"<|endoftext|>"})
    model.eval()
    for _ in range(length):
        window = torch.tensor([ids[-longest:]], device=device)
        ids.append(int(model(window)[0, -1].argmax()))
    model.train()
    print("Sample:", " ".join(tokenizer.decode(ids).splitlines()))


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    history = {"train": [], "val": [], "tokens": []}
    done = tokens = 0
    for epoch in range(1, num_epochs + 1):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            tokens += inputs.numel()
            if done % eval_freq == 0:
                row = (*evaluate_model(model, train_loader, val_loader, device, eval_iter), tokens)
                for curve, value in zip(history.values(), row, strict=True):
                    curve.append(value)
                print("epoch {}, update {}: {:.3f} on train, {:.3f} on val, {} tokens".format(epoch, done, *row))
            done += 1
        print_sample(model, tokenizer, device, start_context)
    return tuple(history.values())
