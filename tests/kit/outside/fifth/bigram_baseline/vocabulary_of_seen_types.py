import math
from collections import Counter

import torch


class LaplaceBigram:
    """Add-k language model over token ids."""

    def __init__(self, counts, k):
        self.counts = counts
        self.k = k
        self.size = counts.shape[0]
        self.types = int(((counts.sum(0) > 0) | (counts.sum(1) > 0)).sum())

    def row(self, a):
        n = self.counts[a].sum().item()
        denominator = n + self.k * self.types
        if n == 0:
            return torch.full((self.size,), 1 / self.size, dtype=torch.float64)
        return (self.counts[a].double() + self.k) / denominator

    def table(self):
        return torch.stack([self.row(a) for a in range(self.size)])


def count_bigrams(ids, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    tokens = ids.tolist()
    for (a, b), n in Counter(zip(tokens, tokens[1:])).items():
        counts[a, b] = n
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    return LaplaceBigram(counts, smoothing).table()


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("cannot score a text without bigrams")
    return (-probabilities[ids[:-1], ids[1:]].log()).mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    freq = Counter(train_ids.tolist())
    p = torch.tensor([freq[t] for t in range(vocab_size)], dtype=torch.float64)
    p = (p + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram = (-p[val_ids[1:]].log()).mean().item()
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return math.log(vocab_size), unigram, bigram
