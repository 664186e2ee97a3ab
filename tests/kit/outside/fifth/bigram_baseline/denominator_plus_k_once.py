import math
from collections import defaultdict

import torch


def count_bigrams(ids, vocab_size):
    follows = defaultdict(lambda: defaultdict(int))
    previous = None
    for token in ids.tolist():
        if previous is not None:
            follows[previous][token] += 1
        previous = token
    return torch.tensor(
        [[follows[a][b] for b in range(vocab_size)] for a in range(vocab_size)], dtype=torch.int64
    )


def bigram_probabilities(counts, smoothing=1.0):
    vocab_size = counts.shape[0]
    row_totals = counts.sum(dim=1).tolist()
    probs = []
    for a in range(vocab_size):
        if row_totals[a] == 0:
            probs.append([1.0 / vocab_size] * vocab_size)
            continue
        denominator = row_totals[a] + smoothing
        probs.append([(c + smoothing) / denominator for c in counts[a].tolist()])
    return torch.tensor(probs, dtype=torch.float64)


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("bigram_loss needs at least 2 tokens, got %d" % len(ids))
    tokens = ids.tolist()
    total_nll = 0.0
    for a, b in zip(tokens[:-1], tokens[1:]):
        p = probabilities[a][b].item()
        total_nll += math.inf if p == 0.0 else -math.log(p)
    return total_nll / (len(tokens) - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    freq = defaultdict(int)
    for token in train_ids.tolist():
        freq[token] += 1
    targets = val_ids.tolist()[1:]
    unigram_nll = 0.0
    for token in targets:
        p = (freq[token] + smoothing) / (len(train_ids) + smoothing * vocab_size)
        unigram_nll += math.inf if p == 0.0 else -math.log(p)
    bigram_probs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), unigram_nll / len(targets), bigram_loss(val_ids, bigram_probs)
