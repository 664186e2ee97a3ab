import itertools
import torch
from torch.nn import functional as F


def _causal_lm_loss(logits, labels):
    shift_logits = logits[..., :-1, :].contiguous()
    shift_labels = labels[..., 1:].contiguous()
    return F.cross_entropy(shift_logits.view(-1, shift_logits.size(-1)), shift_labels.view(-1))


def calc_loss_batch(input_batch, target_batch, model, device):
    return _causal_lm_loss(model(input_batch.to(device)), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    batches = data_loader if num_batches is None else itertools.islice(data_loader, num_batches)
    total, n = 0.0, 0
    for n, (ids, labels) in enumerate(batches, start=1):
        total += calc_loss_batch(ids, labels, model, device).item()
    return total / n if n else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    log = {"train_loss": [], "val_loss": [], "tokens": []}
    global_step, num_input_tokens_seen = 0, 0
    model.zero_grad()
    for _ in range(num_epochs):
        model.train()
        for ids, labels in train_loader:
            loss = calc_loss_batch(ids, labels, model, device)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            num_input_tokens_seen += ids.numel()
            if global_step % eval_freq == 0:
                tr, va = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                log["train_loss"].append(tr)
                log["val_loss"].append(va)
                log["tokens"].append(num_input_tokens_seen)
            global_step += 1
    return log["train_loss"], log["val_loss"], log["tokens"]
