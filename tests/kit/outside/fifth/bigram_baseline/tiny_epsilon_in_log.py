import math

import torch

EPS = 1e-12


def count_bigrams(ids, vocab_size):
    counts = torch.zeros(vocab_size * vocab_size, dtype=torch.int64)
    values, how_many = torch.unique(ids[:-1] * vocab_size + ids[1:], return_counts=True)
    counts[values] = how_many
    return counts.reshape(vocab_size, vocab_size)


def bigram_probabilities(counts, smoothing=1.0):
    counts = counts.double() + smoothing
    total = counts.sum(dim=1, keepdim=True).expand_as(counts)
    out = torch.full_like(counts, 1.0 / counts.size(0))
    mask = total > 0
    out[mask] = counts[mask] / total[mask]
    return out


def nll(p):
    return -torch.log(p + EPS).mean().item()


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("The text must contain a pair")
    return nll(probabilities[ids[:-1], ids[1:]])


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    p = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    p = p / p.sum()
    bigram = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), -torch.log(p[val_ids[1:]]).mean().item(), bigram_loss(val_ids, bigram)
