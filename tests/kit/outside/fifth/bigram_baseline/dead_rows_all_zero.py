import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    """Table of how often b comes right after a."""
    sparse = torch.sparse_coo_tensor(
        torch.stack([ids[:-1], ids[1:]]), torch.ones_like(ids[1:]), (vocab_size, vocab_size)
    )
    return sparse.to_dense()


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    """Rows of next-token probabilities."""
    smoothed = counts.to(torch.float64) + smoothing
    totals = smoothed.sum(dim=1, keepdim=True)
    return torch.nan_to_num(smoothed / totals, nan=0.0)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    """Mean surprise of the pairs in nats."""
    if ids.shape[0] < 2:
        raise ValueError("a text of fewer than two tokens has no pairs")
    rows = probabilities.index_select(0, ids[:-1])
    chosen = rows.gather(1, ids[1:].unsqueeze(1))
    return torch.mean(-torch.log(chosen)).item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    """Uniform, unigram, bigram."""
    counts = (train_ids.unsqueeze(0) == torch.arange(vocab_size).unsqueeze(1)).sum(1)
    p = (counts.double() + smoothing) / (train_ids.shape[0] + smoothing * vocab_size)
    unigram = torch.mean(-torch.log(p.index_select(0, val_ids[1:]))).item()
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram, bigram_loss(val_ids, table)
