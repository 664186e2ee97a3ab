import math
from typing import Optional

import torch
from torch import Tensor

DEFAULT_K = 1.0


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    table = ids.new_zeros(vocab_size, vocab_size)
    if ids.numel() > 1:
        table.index_put_(tuple(ids.unfold(0, 2, 1).T), ids.new_ones(()), accumulate=True)
    return table


def bigram_probabilities(counts: Tensor, smoothing: Optional[float] = None) -> Tensor:
    k = smoothing or DEFAULT_K
    mass = counts.double() + k
    return mass / mass.sum(dim=1, keepdim=True)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.numel() < 2:
        raise ValueError("a text without pairs has no loss")
    picked = torch.stack([probabilities[a, b] for a, b in ids.unfold(0, 2, 1)])
    return picked.log().neg().mean().item()


def baseline_losses(
    train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = DEFAULT_K
) -> tuple[float, float, float]:
    n = torch.bincount(train_ids, minlength=vocab_size).double()
    p = (n + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram = p[val_ids[1:]].log().neg().mean().item()
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram, bigram_loss(val_ids, table)
