import torch
from torch.nn import functional as F

def calc_loss_batch(input_batch, target_batch, model, device):
    x, y = input_batch.to(device), target_batch.to(device)
    logits = model(x)                                   # (b, t, 2)
    y = y.unsqueeze(1).expand(-1, logits.shape[1])      # (b, t)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())

def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = 0.
    for i, (x, y) in enumerate(data_loader):
        if i == n: break
        total += calc_loss_batch(x, y, model, device).item()
    return total / n

def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    good, all_ = 0, 0
    for i, (x, y) in enumerate(data_loader):
        if i == n: break
        with torch.no_grad():
            p = model(x.to(device))[:, -1].argmax(-1)
        good += (p == y.to(device)).sum().item(); all_ += y.shape[0]
    return good / all_

def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    tl, vl, ta, va = [], [], [], []
    seen, step = 0, -1
    for ep in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            seen += x.shape[0]; step += 1
            if step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    tl.append(calc_loss_loader(train_loader, model, device, eval_iter))
                    vl.append(calc_loss_loader(val_loader, model, device, eval_iter))
                model.train()
        ta.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        va.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return tl, vl, ta, va, seen

def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    ctx = model.pos_emb.weight.shape[0]
    max_length = min(max_length or ctx, ctx)
    ids = tokenizer.encode(text)[:max_length]
    ids = ids + [pad_token_id] * (max_length - len(ids))
    with torch.no_grad():
        logits = model(torch.tensor(ids, device=device).unsqueeze(0))[:, -1, :]
    return "spam" if logits.argmax(-1).item() == 1 else "not spam"
