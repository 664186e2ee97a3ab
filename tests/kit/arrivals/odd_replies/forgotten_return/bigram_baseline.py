import math

import torch


def count_bigrams(ids, vocab_size):
    counts = torch.zeros((vocab_size, vocab_size), dtype=torch.long)
    for left, right in zip(ids[:-1], ids[1:], strict=True):
        counts[left, right] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    table = counts.double() + smoothing
    sums = table.sum(1, keepdim=True)
    return torch.where(sums > 0, table / sums, 1 / counts.shape[0])


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("this text has no pairs")
    return float(-probabilities[ids[:-1], ids[1:]].log().mean())


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    single = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    unigram = float(-(single / single.sum())[val_ids[1:]].log().mean())
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    losses = (math.log(vocab_size), unigram, bigram)
