import torch


def log_softmax(z):
    return z - torch.log(torch.exp(z).sum(dim=-1, keepdim=True))


def cross_entropy(logits, targets, ignore_index=-100):
    mask = (targets != ignore_index)
    idx = targets.masked_fill(~mask, 0)
    nll = -torch.gather(log_softmax(logits), -1, idx[..., None])[..., 0]
    return (nll * mask).sum() / mask.sum()


def perplexity(loss):
    return torch.exp(loss)
