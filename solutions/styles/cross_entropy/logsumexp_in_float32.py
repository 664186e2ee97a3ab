"""Computes in float32, with the large numbers left in: near 10,000, that is right to a thousandth."""

import torch


def cross_entropy(logits, targets, ignore_index=-100):
    scores = logits.to(torch.float32)
    counted = targets != ignore_index
    index = targets.where(counted, torch.zeros_like(targets))
    losses = torch.logsumexp(scores, dim=-1) - torch.take_along_dim(scores, index[..., None], dim=-1).squeeze(-1)
    return losses.masked_select(counted).mean()


def perplexity(loss):
    return torch.expm1(loss) + 1
