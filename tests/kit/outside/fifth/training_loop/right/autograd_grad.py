from itertools import islice
import math
import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    logp = torch.log_softmax(model(input_batch.to(device)), dim=-1)
    picked = logp.gather(-1, target_batch.to(device)[..., None])
    return picked.mean().neg()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = [float(calc_loss_batch(x, y, model, device).detach())
              for x, y in islice(data_loader, num_batches)]
    return math.fsum(losses) / len(losses) if losses else math.nan


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    try:
        return tuple(calc_loss_loader(dl, model, device, eval_iter) for dl in (train_loader, val_loader))
    finally:
        model.train()


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    params = [p for p in model.parameters() if p.requires_grad]
    records = []
    seen = 0
    g = 0
    for _ in range(num_epochs):
        for x, y in train_loader:
            model.train()
            loss = calc_loss_batch(x, y, model, device)
            for p, grad in zip(params, torch.autograd.grad(loss, params, allow_unused=True)):
                p.grad = grad
            optimizer.step()
            seen += x.shape[0] * x.shape[1]
            if not g % eval_freq:
                records.append((*evaluate_model(model, train_loader, val_loader, device, eval_iter), seen))
            g += 1
    return [r[0] for r in records], [r[1] for r in records], [r[2] for r in records]
