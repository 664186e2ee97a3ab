import math

import torch
import torch.nn.functional as F
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    pairs = ids[:-1] * vocab_size + ids[1:]
    counts = torch.bincount(pairs, minlength=vocab_size**2)
    return counts.view(vocab_size, vocab_size)


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    probs = counts.double() + smoothing
    total = probs.sum(-1, keepdim=True)
    probs = probs / total
    return probs.masked_fill(total == 0, 1.0 / counts.shape[-1])


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.numel() < 2:
        raise ValueError("Need at least two tokens.")
    idx, targets = ids[:-1], ids[1:]
    out = probabilities[idx]
    if (out.gather(1, targets[:, None]) == 0).any():
        return math.inf
    return F.cross_entropy(out, targets).item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    targets = val_ids[1:]
    counts = torch.bincount(train_ids, minlength=vocab_size).double()
    unigram = (counts + smoothing) / (train_ids.numel() + smoothing * vocab_size)
    unigram_loss = F.nll_loss(unigram.log().repeat(targets.numel(), 1), targets).item()
    bigram = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram_loss, bigram_loss(val_ids, bigram)
