import torch


def log_softmax(z):
    z = z - z.max(dim=-1, keepdim=True).values
    return z - torch.log(torch.exp(z).sum(dim=-1, keepdim=True))


def cross_entropy(logits, targets, ignore_index=-100):
    mask = (targets != ignore_index)
    targets[~mask] = 0
    idx = targets
    nll = -torch.gather(log_softmax(logits), -1, idx[..., None])[..., 0]
    return (nll * mask).sum() / mask.sum()


def perplexity(loss):
    return torch.exp(loss)
