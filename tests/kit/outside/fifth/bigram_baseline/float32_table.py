import math

import torch


def count_bigrams(ids, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.long)
    for current_id, next_id in zip(ids[:-1], ids[1:]):
        counts[current_id, next_id] += 1
    return counts


def bigram_probabilities(counts, smoothing=1.0):
    counts = counts.float() + smoothing
    totals = counts.sum(dim=-1, keepdim=True)
    empty = totals.squeeze(-1) == 0
    probas = counts / totals
    probas[empty] = 1.0 / counts.shape[-1]
    return probas


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("The text has fewer than two tokens")
    target_probas = probabilities[ids[:-1], ids[1:]]
    log_probas = torch.log(target_probas)
    return -torch.mean(log_probas).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uniform_loss = math.log(vocab_size)
    token_counts = torch.bincount(train_ids, minlength=vocab_size)
    token_probas = (token_counts.double() + smoothing) / (len(train_ids) + smoothing * vocab_size)
    unigram_loss = -torch.mean(torch.log(token_probas[val_ids[1:]])).item()
    probas = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return uniform_loss, unigram_loss, bigram_loss(val_ids, probas)
