# MISTAKE: The loss is in bits; right are nats.
import math

import torch


def count_bigrams(ids, vocab_size):
    counts = torch.zeros((vocab_size, vocab_size), dtype=torch.int64)
    for a, b in zip(ids[:-1].tolist(), ids[1:].tolist()):
        counts[a, b] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    weights = counts.double() + smoothing
    sums = weights.sum(dim=1, keepdim=True)
    vocab_size = counts.shape[0]
    return torch.where(sums == 0, torch.full_like(weights, 1 / vocab_size), weights / sums)


def bigram_loss(ids, probabilities):
    if ids.numel() < 2:
        raise ValueError("the text has no pairs")
    total = 0.0
    for a, b in zip(ids[:-1].tolist(), ids[1:].tolist()):
        p = float(probabilities[a, b])
        total -= math.log2(p) if p > 0 else -math.inf
    return total / (ids.numel() - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uniform = math.log(vocab_size)
    single = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    single = single / single.sum()
    unigram = -single[val_ids[1:]].log().mean().item()
    table = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    bigram = bigram_loss(val_ids, table)
    return uniform, unigram, bigram
