import torch


def cross_entropy(logits, targets, ignore_index=-100):
    logits_flat = logits.flatten(0, 1)
    targets_flat = targets.flatten()
    return torch.nn.functional.cross_entropy(logits_flat, targets_flat, ignore_index=ignore_index)


def perplexity(loss):
    return torch.exp(torch.as_tensor(loss))
