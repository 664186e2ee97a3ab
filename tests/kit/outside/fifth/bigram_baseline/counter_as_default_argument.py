import math
from collections import Counter
from itertools import pairwise

import torch


def _tally(items, counter=Counter()):
    counter.update(items)
    return counter


def count_bigrams(ids, vocab_size):
    tally = _tally(pairwise(ids.tolist()))
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    for (a, b), n in tally.items():
        if a < vocab_size and b < vocab_size:
            table[a, b] = n
    return table


def bigram_probabilities(counts, smoothing=1.0):
    table = counts.double() + smoothing
    total = table.sum(1, keepdim=True)
    return torch.where(total == 0, 1 / len(counts), table / total)


def _mean(values):
    values = list(values)
    return sum(values) / len(values)


def _nll(p):
    return -math.log(p) if p else math.inf


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("a single token makes no pair")
    return _mean(_nll(probabilities[a, b].item()) for a, b in pairwise(ids.tolist()))


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    singles = Counter(train_ids.tolist())
    total = singles.total() + smoothing * vocab_size
    unigram = _mean(_nll((singles[t] + smoothing) / total) for t in val_ids[1:].tolist())
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram, bigram_loss(val_ids, pairs)
