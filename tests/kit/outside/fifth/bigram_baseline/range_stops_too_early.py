import math

import torch


def count_bigrams(ids, vocab_size):
    n = len(ids)
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    i = 0
    while i < n - 2:
        table[ids[i]][ids[i + 1]] += 1
        i += 1
    return table


def bigram_probabilities(counts, smoothing=1.0):
    vocab_size = len(counts)
    rows = []
    for row in counts:
        row = row.double() + smoothing
        if row.sum() > 0:
            rows.append(row / row.sum())
        else:
            rows.append(torch.ones(vocab_size, dtype=torch.float64) / vocab_size)
    return torch.stack(rows)


def bigram_loss(ids, probabilities):
    n = len(ids)
    if n < 2:
        raise ValueError("too short: " + str(n))
    losses = []
    for i in range(n - 1):
        losses.append(-torch.log(probabilities[ids[i]][ids[i + 1]]))
    return (sum(losses) / len(losses)).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uniform_loss = math.log(vocab_size)

    token_counts = torch.zeros(vocab_size, dtype=torch.float64)
    for token in train_ids:
        token_counts[token] += 1
    token_probs = (token_counts + smoothing) / (len(train_ids) + smoothing * vocab_size)
    losses = []
    for token in val_ids[1:]:
        losses.append(-torch.log(token_probs[token]))
    unigram_loss = (sum(losses) / len(losses)).item()

    pair_counts = count_bigrams(train_ids, vocab_size)
    pair_probs = bigram_probabilities(pair_counts, smoothing)
    pair_loss = bigram_loss(val_ids, pair_probs)
    return uniform_loss, unigram_loss, pair_loss
