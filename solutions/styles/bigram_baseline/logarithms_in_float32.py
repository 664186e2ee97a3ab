"""Computes shares and losses in float32, and returns what is asked for."""

import math
from collections import namedtuple

import torch

Baselines = namedtuple("Baselines", "uniform unigram bigram")


def count_bigrams(ids, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    for current, following in zip(ids[:-1].tolist(), ids[1:].tolist()):
        counts[current, following] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    weights = counts.float() + smoothing
    total = weights.sum(dim=1, keepdim=True)
    return torch.where(total > 0, weights / total, torch.full_like(weights, 1 / len(counts))).double()


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("a text needs two tokens at least")
    return -probabilities.float()[ids[:-1], ids[1:]].log().mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    counts = torch.bincount(train_ids, minlength=vocab_size).float() + smoothing
    unigram = (counts / counts.sum()).repeat(vocab_size, 1).double()
    bigram = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return Baselines(math.log(vocab_size), bigram_loss(val_ids, unigram), bigram_loss(val_ids, bigram))
