"""The counts are a product of two tables of ones and zeros; the loss weights logarithms by counts."""

import math

import torch
import torch.nn.functional as F


def count_bigrams(ids, vocab_size):
    hot = F.one_hot(ids, vocab_size)
    return hot[:-1].T @ hot[1:]


def bigram_probabilities(counts, smoothing=1.0):
    weights = counts.to(torch.float64) + smoothing
    return F.normalize(torch.where(weights.sum(1, keepdim=True) == 0, 1.0, weights), p=1, dim=1, eps=0.0)


def bigram_loss(ids, probabilities):
    counts = count_bigrams(ids, len(probabilities))
    pairs = int(counts.sum())
    if not pairs:
        raise ValueError("no pairs")
    there = counts > 0
    return float((counts[there] * -probabilities[there].log()).sum()) / pairs


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    unigram = F.one_hot(train_ids, vocab_size).sum(0).double() + smoothing
    same_row = (unigram / unigram.sum()).expand(vocab_size, vocab_size)
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), bigram_loss(val_ids, same_row), bigram_loss(val_ids, pairs)
