import torch


def cross_entropy(logits, targets, ignore_index=-100):
    logits_flat = logits.reshape(-1, logits.shape[-1])
    targets_flat = targets.reshape(-1)
    return torch.nn.functional.cross_entropy(logits_flat, targets_flat)


def perplexity(loss):
    return torch.exp(torch.as_tensor(loss))
