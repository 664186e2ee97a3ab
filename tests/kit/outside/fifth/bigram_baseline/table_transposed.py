import math
import torch


def count_bigrams(ids, vocab_size):
    # go through the text one position at a time
    counts = torch.zeros((vocab_size, vocab_size), dtype=torch.long)
    for i in range(1, len(ids)):
        token = int(ids[i])
        previous = int(ids[i - 1])
        counts[token, previous] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    vocab_size = counts.shape[0]
    probabilities = torch.zeros((vocab_size, vocab_size), dtype=torch.float64)
    for a in range(vocab_size):
        total = counts[a].sum().item() + smoothing * vocab_size
        if total == 0:
            probabilities[a] = 1 / vocab_size
        else:
            probabilities[a] = (counts[a].double() + smoothing) / total
    return probabilities


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("need at least two tokens")
    total = 0.0
    for i in range(1, len(ids)):
        p = probabilities[ids[i - 1], ids[i]].item()
        if p == 0:
            return float("inf")
        total += -math.log(p)
    return total / (len(ids) - 1)


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    # uniform
    uniform = math.log(vocab_size)
    # unigram
    counts = [0] * vocab_size
    for t in train_ids:
        counts[int(t)] += 1
    total = 0.0
    for t in val_ids[1:]:
        p = (counts[int(t)] + smoothing) / (len(train_ids) + smoothing * vocab_size)
        total += -math.log(p) if p > 0 else float("inf")
    unigram = total / (len(val_ids) - 1)
    # bigram
    probabilities = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    bigram = bigram_loss(val_ids, probabilities)
    return uniform, unigram, bigram
