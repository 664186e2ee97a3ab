import math
import torch


def count_bigrams(ids, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size).long()
    for i in range(len(ids) - 1):
        counts[ids[i], ids[i + 1]] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    counts = counts.double() + smoothing
    sums = counts.sum(dim=1)
    for i in range(len(sums)):
        if sums[i] == 0:
            counts[i] = torch.ones(len(sums))
            sums[i] = len(sums)
    return counts / sums.reshape(-1, 1)


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("not enough tokens")
    logs = [torch.log(probabilities[ids[i], ids[i + 1]]) for i in range(len(ids) - 1)]
    return -torch.stack(logs).mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    # bigram
    counts = count_bigrams(train_ids, vocab_size)
    probabilities = bigram_probabilities(counts)
    bigram = bigram_loss(val_ids, probabilities)

    # unigram
    token_counts = torch.bincount(train_ids, minlength=vocab_size).double()
    token_probabilities = (token_counts + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram = -torch.log(token_probabilities[val_ids[1:]]).mean().item()

    # uniform
    uniform = math.log(vocab_size)
    return uniform, unigram, bigram
