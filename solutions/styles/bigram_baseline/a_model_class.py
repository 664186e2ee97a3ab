"""A class stores the counts row by row, and the functions only call it."""

import math
import statistics

import torch


class Bigrams:
    def __init__(self, rows):
        self.rows = rows

    @classmethod
    def of(cls, tokens, vocab_size):
        model = cls([[0] * vocab_size for _ in range(vocab_size)])
        before = None
        for token in tokens:
            if before is not None:
                model.rows[before][token] += 1
            before = token
        return model

    def smoothed(self, k):
        size = len(self.rows)
        for row in self.rows:
            total = math.fsum(row) + k * size
            yield [(count + k) / total if total else 1 / size for count in row]


def cost(p):
    return math.inf if p == 0 else -math.log(p)


def count_bigrams(ids, vocab_size):
    return torch.tensor(Bigrams.of(map(int, ids), vocab_size).rows, dtype=torch.int64)


def bigram_probabilities(counts, smoothing=1.0):
    return torch.tensor(list(Bigrams(counts.tolist()).smoothed(smoothing)), dtype=torch.float64)


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("nothing follows anything")
    return statistics.fmean(cost(p) for p in probabilities[ids[:-1], ids[1:]].tolist())


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    train = train_ids.tolist()
    total = len(train) + smoothing * vocab_size
    unigram = statistics.fmean(cost((train.count(token) + smoothing) / total) for token in val_ids.tolist()[1:])
    model = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram, bigram_loss(val_ids, model)
