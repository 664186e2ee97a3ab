import math

import torch


def count_bigrams(ids, vocab_size):
    table = [[0] * vocab_size for _ in range(vocab_size)]
    text = ids.tolist()
    for a, b in zip(text, text[1:]):
        table[a][b] += 1
    return torch.tensor(table, dtype=torch.int64).reshape(vocab_size, vocab_size)


def bigram_probabilities(counts, smoothing=1.0):
    rows = []
    for row in counts.tolist():
        total = sum(row) + smoothing * len(row)
        if total == 0:
            rows.append([1.0 / len(row) for _ in row])
        else:
            rows.append([(c + smoothing) / total for c in row])
    return torch.tensor(rows, dtype=torch.float64)


def surprise(p):
    return -math.log(p) if p > 0 else math.inf


def bigram_loss(ids, probabilities):
    text = ids.tolist()
    if len(text) < 2:
        raise ValueError("no pairs in a text of %d tokens" % len(text))
    table = probabilities.tolist()
    return math.fsum(surprise(table[a][b]) for a, b in zip(text, text[1:])) / (len(text) - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    train = train_ids.tolist()
    val = val_ids.tolist()

    uniform = math.log(vocab_size)

    seen = {}
    for t in train:
        seen[t] = seen.get(t, 0) + 1
    unigram = 0.0
    for t in val[1:]:
        unigram += surprise((seen.get(t, 0) + smoothing) / (len(train) + smoothing * vocab_size))
    unigram /= len(val) - 1

    probabilities = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return uniform, unigram, bigram_loss(val_ids, probabilities)
