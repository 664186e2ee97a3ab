import math

import torch
from torch import Tensor


def _windows(ids: Tensor, width: int = 2) -> Tensor:
    n = max(ids.numel() - width + 1, 0)
    return torch.as_strided(ids, (n, width), (1, 1))


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    pairs, n = torch.unique(_windows(ids), dim=0, return_counts=True) if ids.numel() > 1 else (None, None)
    if pairs is not None:
        table[pairs[:, 0], pairs[:, 1]] = n
    return table


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    weights = counts.double() + smoothing
    weights = weights + (weights.sum(1, keepdim=True) == 0)
    return weights / weights.sum(1, keepdim=True)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.numel() < 2:
        raise ValueError("fewer than two tokens")
    left, right = _windows(ids).unbind(1)
    return -probabilities[left, right].log().mean().item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    n = torch.bincount(train_ids, minlength=vocab_size).double()
    p = (n + smoothing) / (n.sum() + smoothing * vocab_size)
    q = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), -p[val_ids[1:]].log().mean().item(), bigram_loss(val_ids, q)
