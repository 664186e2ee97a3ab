import math

import torch
from torch import Tensor


def pairs_of(ids: Tensor) -> tuple[Tensor, Tensor]:
    return ids.narrow(0, 0, len(ids) - 1), ids.narrow(0, 1, len(ids) - 1)


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    table = torch.zeros((vocab_size, vocab_size), dtype=torch.int64)
    if len(ids) >= 2:
        a, b = pairs_of(ids)
        table.index_put_((a, b), torch.ones(len(a), dtype=torch.int64), accumulate=True)
    return table


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    table = counts.double() + smoothing
    rows = table.sum(1)
    table[rows == 0] = 1.0
    rows[rows == 0] = counts.shape[1]
    return table / rows.view(-1, 1)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if len(ids) < 2:
        raise ValueError("at least two tokens are needed")
    a, b = pairs_of(ids)
    p = probabilities[a, b]
    p = p[p > 0]
    if p.numel() == 0:
        return math.inf
    return -p.log().mean().item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    _, b = pairs_of(val_ids)
    unigram = torch.bincount(train_ids, minlength=vocab_size).double()
    unigram = (unigram + smoothing) / (len(train_ids) + smoothing * vocab_size)
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), -unigram[b].log().mean().item(), bigram_loss(val_ids, table)
