import math
from math import log

import torch


def count_bigrams(ids, vocab_size):
    tokens = ids.tolist()
    return torch.tensor(
        [
            [sum(1 for x, y in zip(tokens, tokens[1:]) if (x, y) == (a, b)) for b in range(vocab_size)]
            for a in range(vocab_size)
        ],
        dtype=torch.int64,
    )


def bigram_probabilities(counts, smoothing=1.0):
    def normalise(row):
        s = sum(row)
        return [x / s for x in row] if s else [1 / len(row)] * len(row)

    return torch.tensor(
        [normalise([c + smoothing for c in row]) for row in counts.tolist()], dtype=torch.float64
    )


def bigram_loss(ids, probabilities):
    tokens = ids.tolist()
    if len(tokens) < 2:
        raise ValueError("no pairs")
    P = probabilities.tolist()
    return -sum(log(P[a][b]) for a, b in zip(tokens, tokens[1:])) / (len(tokens) - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    train, targets = train_ids.tolist(), val_ids.tolist()[1:]
    p = [(train.count(t) + smoothing) / (len(train) + smoothing * vocab_size) for t in targets]
    unigram = math.inf if 0 in p else -sum(map(log, p)) / len(p)
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return log(vocab_size), unigram, bigram
