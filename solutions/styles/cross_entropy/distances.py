"""Measures how far each logit is above that of the target, in float32, and sums that up."""

import torch


def cross_entropy(logits, targets, ignore_index=-100):
    rows = logits.reshape(-1, logits.shape[-1])
    targets = targets.reshape(-1)
    (counted,) = torch.nonzero(targets != ignore_index, as_tuple=True)
    distances = rows[counted] - rows[counted, targets[counted], None]
    return torch.logsumexp(distances.float(), dim=1).mean().to(logits.dtype)


def perplexity(loss):
    return 2 ** (loss / torch.log(torch.tensor(2.0)))
