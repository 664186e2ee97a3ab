import torch
from torch import nn

criterion = nn.CrossEntropyLoss()


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    B, T, V = logits.shape
    return criterion(logits.reshape(B, V, T), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    N = len(data_loader)
    if num_batches is not None and num_batches < N:
        N = num_batches
    if N == 0:
        return float("nan")
    acc = torch.zeros(N, dtype=torch.float64)
    for k, (x, y) in enumerate(data_loader):
        if k == N:
            break
        acc[k] = calc_loss_batch(x, y, model, device).detach()
    return acc.mean().item()


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        tl = calc_loss_loader(train_loader, model, device, eval_iter)
        vl = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return tl, vl


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    tls, vls, toks = [], [], []
    seen = 0
    for epoch in range(num_epochs):
        for i, (x, y) in enumerate(train_loader):
            model.train()
            optimizer.zero_grad()
            criterion_value = calc_loss_batch(x, y, model, device)
            criterion_value.backward()
            optimizer.step()
            seen += x.size(0) * x.size(1)
            it = epoch * len(train_loader) + i
            if it % eval_freq == 0:
                tl, vl = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                tls.append(tl), vls.append(vl), toks.append(seen)
    return tls, vls, toks
