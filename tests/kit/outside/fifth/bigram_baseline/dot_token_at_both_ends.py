import math
import torch


def count_bigrams(ids, vocab_size):
    N = torch.zeros((vocab_size, vocab_size), dtype=torch.int64)
    if len(ids) < 2:
        return N
    chs = [0] + ids.tolist() + [0]
    for ix1, ix2 in zip(chs, chs[1:]):
        N[ix1, ix2] += 1
    return N


def bigram_probabilities(counts, smoothing=1.0):
    P = counts.double() + smoothing
    P[P.sum(1) == 0] = 1
    P /= P.sum(1, keepdim=True)
    return P


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError('empty')
    log_likelihood = torch.tensor(0.0, dtype=torch.float64)
    n = 0
    for ix1, ix2 in zip(ids, ids[1:]):
        prob = probabilities[ix1, ix2]
        logprob = torch.log(prob)
        log_likelihood += logprob
        n += 1
    nll = -log_likelihood
    return (nll / n).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    P = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    n1 = torch.zeros(vocab_size, dtype=torch.float64)
    for ix in train_ids:
        n1[ix] += 1
    p1 = (n1 + smoothing) / (len(train_ids) + smoothing * vocab_size)
    return math.log(vocab_size), -p1[val_ids[1:]].log().mean().item(), bigram_loss(val_ids, P)
