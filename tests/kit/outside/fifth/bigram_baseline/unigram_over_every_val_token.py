import math

import torch


def count_bigrams(ids, vocab_size):
    inputs = ids[:-1]
    targets = ids[1:]
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    for x, y in zip(inputs.tolist(), targets.tolist()):
        counts[x, y] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    vocab_size = counts.shape[0]
    numerator = counts.double() + smoothing
    denominator = counts.sum(dim=1, keepdim=True).double() + smoothing * vocab_size
    probas = numerator / denominator
    probas[torch.isnan(probas)] = 1.0 / vocab_size
    return probas


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("need two tokens or more")
    inputs = ids[:-1]
    targets = ids[1:]
    return -torch.log(probabilities[inputs, targets]).mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uniform = math.log(vocab_size)

    counts = torch.bincount(train_ids, minlength=vocab_size).double()
    probas = (counts + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram = -torch.log(probas[val_ids]).mean().item()

    probas = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    bigram = bigram_loss(val_ids, probas)
    return uniform, unigram, bigram
