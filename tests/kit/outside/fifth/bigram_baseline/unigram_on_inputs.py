import math

import torch
import torch.nn.functional as F


def get_xy(ids):
    x = ids[:-1]
    y = ids[1:]
    return x, y


def count_bigrams(ids, vocab_size):
    x, y = get_xy(ids)
    W = torch.zeros((vocab_size, vocab_size), dtype=torch.int64)
    W.view(-1).scatter_add_(0, x * vocab_size + y, torch.ones_like(x))
    return W


def bigram_probabilities(counts, smoothing=1.0):
    W = counts.double() + smoothing
    W = torch.where((W == 0).all(dim=1, keepdim=True), torch.ones_like(W), W)
    return W / W.sum(dim=1, keepdim=True)


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("block too short")
    x, y = get_xy(ids)
    return F.nll_loss(torch.log(probabilities)[x], y).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    x, y = get_xy(val_ids)
    w = torch.bincount(train_ids, minlength=vocab_size).double()
    w = (w + smoothing) / (len(train_ids) + smoothing * vocab_size)
    uniform = math.log(vocab_size)
    unigram = -torch.log(w[x]).mean().item()
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return uniform, unigram, bigram
