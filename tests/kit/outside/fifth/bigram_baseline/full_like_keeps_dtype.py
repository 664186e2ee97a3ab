import math

import torch


def count_bigrams(ids, vocab_size):
    pairs = torch.cartesian_prod(torch.arange(vocab_size), torch.arange(vocab_size))
    seen = torch.stack((ids[:-1], ids[1:]), dim=1)
    hits = (pairs[:, None, :] == seen[None, :, :]).all(-1)
    return hits.sum(1).reshape(vocab_size, vocab_size)


def bigram_probabilities(counts, smoothing=1.0):
    prior = torch.full_like(counts, smoothing)
    posterior = (counts + prior).double()
    evidence = posterior.sum(1, keepdim=True)
    flat = torch.full_like(posterior, 1 / counts.shape[0])
    return torch.where(evidence == 0, flat, posterior / evidence)


def bigram_loss(ids, probabilities):
    if ids.shape[0] < 2:
        raise ValueError("no pairs")
    return torch.nn.functional.nll_loss(probabilities.log()[ids[:-1]], ids[1:]).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uniform = torch.full((vocab_size,), 1 / vocab_size, dtype=torch.float64)
    unigram = torch.stack([(train_ids == v).sum() for v in range(vocab_size)]).double()
    unigram = (unigram + smoothing) / (train_ids.shape[0] + smoothing * vocab_size)
    bigram = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    as_table = lambda p: p.repeat(vocab_size, 1)
    return tuple(bigram_loss(val_ids, t) for t in (as_table(uniform), as_table(unigram), bigram))
