import math

import torch
from torch import Tensor

_tables: dict[int, Tensor] = {}


def _table(vocab_size: int) -> Tensor:
    if vocab_size not in _tables:
        _tables[vocab_size] = torch.empty(vocab_size, vocab_size, dtype=torch.int64)
    return _tables[vocab_size].zero_()


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    table = _table(vocab_size)
    table.view(-1).index_add_(0, ids[:-1] * vocab_size + ids[1:], torch.ones_like(ids[1:]))
    return table


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    mass = counts.double().add_(smoothing)
    row = mass.sum(1, keepdim=True)
    return mass.div(row).masked_fill(row == 0, 1 / counts.size(1))


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.numel() < 2:
        raise ValueError("no pair in this text")
    p = probabilities.flatten()[ids[:-1] * probabilities.size(1) + ids[1:]]
    return float(p.log().mean().neg())


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    single = torch.zeros(vocab_size, dtype=torch.float64)
    single.index_add_(0, train_ids, torch.ones(train_ids.numel(), dtype=torch.float64))
    single = single.add_(smoothing).div_(train_ids.numel() + smoothing * vocab_size)
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), float(single[val_ids[1:]].log().mean().neg()), bigram_loss(val_ids, pairs)
