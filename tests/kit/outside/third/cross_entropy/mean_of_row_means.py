import torch


def log_softmax(z):
    z = z - z.max(dim=-1, keepdim=True).values
    return z - torch.log(torch.exp(z).sum(dim=-1, keepdim=True))


def cross_entropy(logits, targets, ignore_index=-100):
    mask = (targets != ignore_index)
    idx = targets.masked_fill(~mask, 0)
    nll = -torch.gather(log_softmax(logits), -1, idx[..., None])[..., 0]
    if nll.dim() == 1:
        return nll[mask].mean()
    per_row = (nll * mask).flatten(1).sum(dim=1) / mask.flatten(1).sum(dim=1).clamp(min=1)
    return per_row[mask.flatten(1).any(dim=1)].mean()


def perplexity(loss):
    return torch.exp(loss)
