import math

import torch


def _pairs(ids):
    return ids, torch.roll(ids, -1)


def count_bigrams(ids, vocab_size):
    a, b = _pairs(ids)
    if a.numel() < 2:
        return torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    flat = torch.zeros(vocab_size**2, dtype=torch.int64)
    flat.scatter_add_(0, a * vocab_size + b, torch.ones_like(a))
    return flat.unflatten(0, (vocab_size, vocab_size))


def bigram_probabilities(counts, smoothing=1.0):
    p = counts.double() + smoothing
    p[p.sum(1) == 0, :] = 1.0
    return p / p.sum(1).unsqueeze(1)


def bigram_loss(ids, probabilities):
    if ids.numel() < 2:
        raise ValueError("no pairs")
    return probabilities[ids[:-1], ids[1:]].log().neg().mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uni = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    uni = uni / uni.sum()
    return (
        math.log(vocab_size),
        uni[val_ids[1:]].log().neg().mean().item(),
        bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)),
    )
