import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    keys = ids[:-1] * vocab_size + ids[1:]
    return torch.bincount(keys, minlength=vocab_size * vocab_size).reshape(vocab_size, vocab_size)


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    smoothed = counts.double() + smoothing
    totals = smoothed.sum(dim=1, keepdim=True)
    uniform = torch.full_like(smoothed, 1 / counts.shape[1])
    return torch.where(totals > 0, smoothed / totals, uniform)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.numel() < 2:
        raise ValueError("a text needs at least two tokens")
    return -probabilities[ids[:-1], ids[1:]].log().mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    singles = torch.bincount(train_ids, minlength=vocab_size).double()
    shares = (singles + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram = -shares[val_ids[1:]].log().mean().item()
    return math.log(vocab_size), unigram, bigram_loss(val_ids, table)
