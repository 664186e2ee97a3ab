import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    keys = ids[:-1].mul(vocab_size).add(ids[1:])
    return keys.bincount(minlength=vocab_size * vocab_size).unflatten(0, (vocab_size, -1))


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    mass = counts.double() + smoothing
    mass = torch.where(mass.sum(1, keepdim=True) == 0, 1.0, mass)
    return torch.einsum("ab,a->ab", mass, 1 / mass.sum(1))


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.numel() < 2:
        raise ValueError("no pairs to average over")
    joint = count_bigrams(ids, probabilities.shape[0]).double() / (ids.numel() - 1)
    return -torch.einsum("ab,ab->", joint, probabilities.log()).item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    single = (train_ids.bincount(minlength=vocab_size).double() + smoothing) / (
        train_ids.numel() + smoothing * vocab_size
    )
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), -single.log()[val_ids[1:]].mean().item(), bigram_loss(val_ids, pairs)
