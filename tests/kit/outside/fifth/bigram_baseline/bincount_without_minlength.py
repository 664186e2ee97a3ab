import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    table.index_put_((ids[:-1], ids[1:]), torch.tensor(1), accumulate=True)
    return table


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    vocab_size = counts.shape[0]
    followed = counts.sum(dim=1, keepdim=True)
    if smoothing > 0:
        return (counts.double() + smoothing) / (followed.double() + smoothing * vocab_size)
    return torch.where(followed > 0, counts.double() / followed.clamp(min=1), 1.0 / vocab_size)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.shape[0] < 2:
        raise ValueError("There are no pairs in this text.")
    return probabilities[ids[:-1], ids[1:]].log().neg().mean().item()


def baseline_losses(
    train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0
) -> tuple[float, float, float]:
    tokens = train_ids.shape[0]
    unigram_p = (torch.bincount(train_ids).double() + smoothing) / (tokens + smoothing * vocab_size)
    unigram = unigram_p[val_ids[1:]].log().neg().mean().item()
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram, bigram_loss(val_ids, table)
