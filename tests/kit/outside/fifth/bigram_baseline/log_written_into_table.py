import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    one = torch.ones((), dtype=torch.int64)
    return counts.index_put_((ids[:-1], ids[1:]), one, accumulate=True)


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    p = counts.double().add_(smoothing)
    z = p.sum(1, keepdim=True)
    return p.div_(z).masked_fill_(z == 0, 1 / p.size(1))


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.size(0) < 2:
        raise ValueError("no pairs")
    return probabilities.log_()[ids[:-1], ids[1:]].mean().neg_().item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    p = torch.bincount(train_ids, minlength=vocab_size).double().add_(smoothing)
    p.div_(train_ids.size(0) + smoothing * vocab_size)
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), p.log_()[val_ids[1:]].mean().neg_().item(), bigram_loss(val_ids, table)
