"""Python's loops and dictionaries, with tensors only where they are needed."""

import math
from collections import Counter

import torch


def count_bigrams(ids, vocab_size):
    counted = Counter(zip(ids.tolist(), ids.tolist()[1:]))
    table = torch.zeros((vocab_size, vocab_size), dtype=torch.long)
    for (first, then), count in counted.items():
        table[first, then] = count
    return table


def bigram_probabilities(counts, smoothing=1.0):
    vocab_size = len(counts)
    rows = []
    for row in counts.tolist():
        total = sum(row) + smoothing * vocab_size
        if total == 0:
            rows.append([1 / vocab_size] * vocab_size)
        else:
            rows.append([(count + smoothing) / total for count in row])
    return torch.tensor(rows, dtype=torch.float64)


def bigram_loss(ids, probabilities):
    text = ids.tolist()
    if len(text) < 2:
        raise ValueError("too short")
    total = 0.0
    for first, then in zip(text, text[1:]):
        p = probabilities[first][then].item()
        total += -math.log(p) if p > 0 else math.inf
    return total / (len(text) - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    seen = Counter(train_ids.tolist())
    total = len(train_ids) + smoothing * vocab_size
    unigram = 0.0
    for token in val_ids.tolist()[1:]:
        p = (seen[token] + smoothing) / total
        unigram += -math.log(p) if p > 0 else math.inf
    counts = count_bigrams(train_ids, vocab_size)
    bigram = bigram_loss(val_ids, bigram_probabilities(counts, smoothing))
    return math.log(vocab_size), unigram / (len(val_ids) - 1), bigram
