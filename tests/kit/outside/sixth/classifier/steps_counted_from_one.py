import math

import torch
import torch.nn.functional as F

def calc_loss_batch(input_batch, target_batch, model, device):
    return F.cross_entropy(model(input_batch.to(device))[:, -1], target_batch.to(device))

def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    return sum(calc_loss_batch(x, y, model, device).item() for _, (x, y) in zip(range(n), data_loader)) / n if n else math.nan

@torch.no_grad()
def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    hits = torch.cat([model(x.to(device))[:, -1].argmax(-1) == y.to(device) for _, (x, y) in zip(range(n), data_loader)])
    return hits.double().mean().item()

@torch.no_grad()
def losses_now(model, loaders, device, eval_iter):
    model.eval()
    out = [calc_loss_loader(dl, model, device, eval_iter) for dl in loaders]
    model.train()
    return out

def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    loaders = train_loader, val_loader
    L, A, seen, step = ([], []), ([], []), 0, 0
    for _ in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            seen += len(x)
            step += 1
            if step % eval_freq == 0:
                for lst, v in zip(L, losses_now(model, loaders, device, eval_iter)): lst.append(v)
        for lst, dl in zip(A, loaders): lst.append(calc_accuracy_loader(dl, model, device, eval_iter))
    return *L, *A, seen

def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    T = min(max_length or 10**9, model.pos_emb.weight.shape[0])
    ids = (tokenizer.encode(text) + [pad_token_id] * T)[:T]
    with torch.no_grad():
        return ["not spam", "spam"][model(torch.tensor([ids], device=device))[0, -1].argmax().item()]
