import itertools as it
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    out = model(input_batch.to(device))
    return F.nll_loss(F.log_softmax(out, dim=2).transpose(1, 2), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if not len(data_loader):
        return float("nan")
    n = num_batches or len(data_loader)
    return sum(calc_loss_batch(x, y, model, device).item() for x, y in it.islice(data_loader, n)) / n


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        pair = tuple(calc_loss_loader(l, model, device, eval_iter) for l in [train_loader, val_loader])
    model.train()
    return pair


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    g, seen, rows = 0, 0, []
    model.train()
    for x, y in it.chain.from_iterable(train_loader for _ in range(num_epochs)):
        optimizer.zero_grad()
        calc_loss_batch(x, y, model, device).backward()
        optimizer.step()
        seen += x.numel()
        if g % eval_freq == 0:
            rows.append(evaluate_model(model, train_loader, val_loader, device, eval_iter) + (seen,))
        g += 1
    return tuple(map(list, zip(*rows))) if rows else ([], [], [])
