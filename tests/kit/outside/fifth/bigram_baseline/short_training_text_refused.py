import math

import torch


class BigramModel:
    def __init__(self, vocab_size):
        self.vocab_size = vocab_size
        self.counts = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)

    @staticmethod
    def check(ids):
        if ids.ndim != 1 or len(ids) < 2:
            raise ValueError("expected a text of two tokens or more")

    def fit(self, ids):
        self.check(ids)
        for a, b in zip(ids[:-1].tolist(), ids[1:].tolist()):
            self.counts[a, b] += 1
        return self

    @staticmethod
    def normalise(counts, k):
        table = counts.to(torch.double) + k
        totals = table.sum(1)
        table[totals == 0] = 1.0
        return table / table.sum(1)[:, None]

    @classmethod
    def score(cls, ids, table):
        cls.check(ids)
        return torch.log(table[ids[:-1], ids[1:]]).mean().mul(-1).item()


def count_bigrams(ids, vocab_size):
    return BigramModel(vocab_size).fit(ids).counts


def bigram_probabilities(counts, smoothing=1.0):
    return BigramModel.normalise(counts, smoothing)


def bigram_loss(ids, probabilities):
    return BigramModel.score(ids, probabilities)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    counts = torch.bincount(train_ids, minlength=vocab_size)
    table = BigramModel.normalise(counts[None], smoothing)[0]
    unigram = torch.log(table[val_ids[1:]]).mean().mul(-1).item()
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return math.log(vocab_size), unigram, bigram
