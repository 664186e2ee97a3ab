import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    current, following = ids[:-1], ids[1:]
    counts[current, following] += 1
    return counts


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    smoothed = counts.to(torch.float64) + smoothing
    rows = smoothed.sum(dim=-1, keepdim=True)
    smoothed = torch.where(rows == 0, torch.ones_like(smoothed), smoothed)
    return smoothed / smoothed.sum(dim=-1, keepdim=True)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if len(ids) < 2:
        raise ValueError("The text has no pairs.")
    return -torch.log(probabilities[ids[:-1], ids[1:]]).mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    unigram_counts = torch.bincount(train_ids, minlength=vocab_size)
    unigram_p = (unigram_counts.double() + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram = -torch.log(unigram_p[val_ids[1:]]).mean().item()
    return math.log(vocab_size), unigram, bigram
