import math

import numpy as np
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))[:, -1, :]
    return F.cross_entropy(logits, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for i, batch in enumerate(data_loader):
        if i == num_batches:
            break
        losses.append(calc_loss_batch(*batch, model, device).item())
    return float(np.mean(losses)) if len(losses) else math.nan


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    predicted, actual = [], []
    for i, (x, y) in enumerate(data_loader):
        if i == num_batches:
            break
        with torch.no_grad():
            logits = model(x.to(device))[:, -1, :]
        predicted.append(logits.cpu().numpy().argmax(axis=-1))
        actual.append(y.cpu().numpy())
    return float((np.concatenate(predicted) == np.concatenate(actual)).mean())


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        result = (calc_loss_loader(train_loader, model, device, eval_iter),
                  calc_loss_loader(val_loader, model, device, eval_iter))
    model.train()
    return result


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    losses, accs = [], []
    examples_seen, step = 0, 0
    for _ in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            examples_seen += x.shape[0]
            if step % eval_freq == 0:
                losses.append(evaluate_model(model, train_loader, val_loader, device, eval_iter))
            step += 1
        accs.append((calc_accuracy_loader(train_loader, model, device, eval_iter),
                     calc_accuracy_loader(val_loader, model, device, eval_iter)))
    train_losses, val_losses = ([pair[k] for pair in losses] for k in (0, 1))
    train_accs, val_accs = ([pair[k] for pair in accs] for k in (0, 1))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    n = model.pos_emb.weight.shape[0]
    n = n if max_length is None else min(n, max_length)
    ids = np.array(tokenizer.encode(text)[:n], dtype=np.int64)
    row = np.zeros((1, n), dtype=np.int64)
    row[0, :len(ids)] = ids
    with torch.no_grad():
        logits = model(torch.from_numpy(row).to(device))[0, -1]
    return "spam" if logits.argmax().item() == 1 else "not spam"
