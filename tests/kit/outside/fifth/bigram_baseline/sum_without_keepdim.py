import math
import torch


def count_bigrams(ids, vocab_size):
    N = torch.zeros((vocab_size, vocab_size), dtype=torch.int64)
    for ix1, ix2 in zip(ids.tolist(), ids.tolist()[1:]):
        N[ix1, ix2] += 1
    return N


def bigram_probabilities(counts, smoothing=1.0):
    P = counts.double() + smoothing
    P[P.sum(1) == 0] = 1.0
    P = P / P.sum(1)
    return P


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("nothing to predict")
    log_likelihood = 0.0
    n = 0
    for ix1, ix2 in zip(ids.tolist(), ids.tolist()[1:]):
        log_likelihood += torch.log(probabilities[ix1, ix2]).item()
        n += 1
    return -log_likelihood / n


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    P = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    p = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    p /= p.sum()
    return math.log(vocab_size), -p[val_ids[1:]].log().mean().item(), bigram_loss(val_ids, P)
