import numpy as np
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    z = model(input_batch.to(device))
    hot = F.one_hot(target_batch.to(device), z.size(-1)).to(z.dtype)
    return -torch.einsum("btv,btv->bt", z.log_softmax(-1), hot).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader) if num_batches is None else num_batches
    ls = np.array([calc_loss_batch(x, y, model, device).item() for _, (x, y) in zip(range(n), data_loader)])
    return float(ls.mean()) if ls.size else float(np.nan)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    with torch.inference_mode():
        model.eval()
        out = [calc_loss_loader(d, model, device, eval_iter) for d in (train_loader, val_loader)]
    model.train()
    return out[0], out[1]


def _stream(loader, epochs):
    for _ in range(epochs):
        yield from loader


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    model.train()
    tr, va, tok, seen = [], [], [], 0
    for g, (x, y) in enumerate(_stream(train_loader, num_epochs)):
        model.zero_grad(); calc_loss_batch(x, y, model, device).backward(); optimizer.step()
        seen += x.numel()
        if g % eval_freq == 0:
            a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
            tr += [a]; va += [b]; tok += [seen]
    return tr, va, tok
