import math
from functools import reduce
from operator import mul

import torch


def count_bigrams(ids, vocab_size):
    def add(table, pair):
        table[pair[0]][pair[1]] += 1
        return table

    tokens = ids.tolist()
    start = [[0 for _ in range(vocab_size)] for _ in range(vocab_size)]
    return torch.tensor(reduce(add, zip(tokens, tokens[1:]), start))


def bigram_probabilities(counts, smoothing=1.0):
    smoothed = counts.double() + smoothing
    return torch.stack([r / r.sum() if r.sum() > 0 else torch.ones_like(r) / len(r) for r in smoothed])


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("P(text) is undefined without a pair")
    likelihood = reduce(mul, (probabilities[a, b].item() for a, b in zip(ids[:-1], ids[1:])), 1.0)
    if likelihood == 0:
        return math.inf
    return -math.log(likelihood) / (len(ids) - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    tokens = train_ids.tolist()
    share = [(tokens.count(t) + smoothing) / (len(tokens) + smoothing * vocab_size) for t in range(vocab_size)]
    surprise = [-math.log(share[t]) if share[t] > 0 else math.inf for t in val_ids[1:].tolist()]
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return math.log(vocab_size), sum(surprise) / len(surprise), bigram
