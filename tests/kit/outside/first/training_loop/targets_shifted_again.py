# MISTAKE: The targets are shifted by one more position (logits[:, :-1] against targets[:, 1:], as with Hugging Face labels); right is logits against targets as they come, already shifted.
from itertools import islice

import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    x = input_batch.to(device)
    y = target_batch.to(device)
    logits = model(x)
    logits, y = logits[:, :-1], y[:, 1:]
    return F.cross_entropy(logits.transpose(1, 2), y)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = [
        calc_loss_batch(x, y, model, device).item()
        for x, y in islice(data_loader, num_batches)
    ]
    return sum(losses) / len(losses) if losses else float("nan")


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    losses = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    model.train()
    return losses[0], losses[1]


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    history = {"train": [], "val": [], "tokens": []}
    seen = 0
    step = 0
    for epoch in range(num_epochs):
        for x, y in train_loader:
            model.train()
            loss = calc_loss_batch(x, y, model, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            seen += x.numel()
            if step % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                history["train"].append(tr)
                history["val"].append(va)
                history["tokens"].append(seen)
            step += 1
    return history["train"], history["val"], history["tokens"]
