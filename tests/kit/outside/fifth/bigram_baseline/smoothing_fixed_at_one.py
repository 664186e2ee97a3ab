import math
import torch

g = torch.Generator().manual_seed(2147483647)


def count_bigrams(ids, vocab_size):
    N = torch.zeros((vocab_size, vocab_size), dtype=torch.int64)
    xs, ys = ids[:-1], ids[1:]
    N.index_put_((xs, ys), torch.tensor(1), accumulate=True)
    return N


def bigram_probabilities(counts, smoothing=1.0):
    P = (counts + 1).double()
    P /= P.sum(1, keepdim=True)
    return P


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError('at least two tokens, please')
    n = 0
    log_likelihood = 0.0
    for ix1, ix2 in zip(ids, ids[1:]):
        log_likelihood += torch.log(probabilities[ix1, ix2])
        n += 1
    nll = -log_likelihood
    return (nll / n).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    uniform = -math.log(1 / vocab_size)
    p = torch.bincount(train_ids, minlength=vocab_size).double()
    p = (p + smoothing) / (p.sum() + smoothing * vocab_size)
    unigram = -p[val_ids[1:]].log().mean().item()
    P = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return uniform, unigram, bigram_loss(val_ids, P)
