import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    for a in ids[:-1].unique().tolist():
        table[a] = torch.bincount(ids[1:][ids[:-1] == a], minlength=vocab_size)
    return table


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    nothing_followed = counts.sum(dim=1) == 0
    counts[nothing_followed] = 1
    smoothed = counts.double() + smoothing
    return smoothed / smoothed.sum(dim=1, keepdim=True)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if len(ids) < 2:
        raise ValueError("Give me a text with at least one pair.")
    return probabilities[ids[:-1], ids[1:]].log().mean().item() * -1


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    shares = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    shares = shares / shares.sum()
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), shares[val_ids[1:]].log().mean().item() * -1, bigram_loss(val_ids, pairs)
