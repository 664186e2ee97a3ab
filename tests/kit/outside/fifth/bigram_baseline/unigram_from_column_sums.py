import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    eye = torch.eye(vocab_size, dtype=torch.int64)
    return eye[ids[:-1]].t() @ eye[ids[1:]]


def _normalise(counts: Tensor, smoothing: float) -> Tensor:
    p = counts.double() + smoothing
    total = p.sum(-1, keepdim=True)
    return torch.where(total > 0, p / total, 1 / p.shape[-1])


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    return _normalise(counts, smoothing)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if len(ids) < 2:
        raise ValueError("fewer than two tokens")
    return -probabilities[ids[:-1], ids[1:]].log().mean().item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    counts = count_bigrams(train_ids, vocab_size)
    unigram = _normalise(counts.sum(0), smoothing).expand(vocab_size, -1)
    bigram = _normalise(counts, smoothing)
    uniform = _normalise(torch.zeros_like(counts), 1.0)
    return tuple(bigram_loss(val_ids, table) for table in (uniform, unigram, bigram))
