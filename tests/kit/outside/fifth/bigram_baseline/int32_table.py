import math
import torch
import torch.nn.functional as F


def count_bigrams(ids, vocab_size):
    N = torch.zeros((vocab_size, vocab_size), dtype=torch.int32)
    ones = torch.ones(max(len(ids) - 1, 0), dtype=torch.int32)
    N.index_put_((ids[:-1], ids[1:]), ones, accumulate=True)
    return N


def bigram_probabilities(counts, smoothing=1.0):
    P = counts.double() + smoothing
    Z = P.sum(dim=1, keepdim=True)
    return torch.where(Z > 0, P / Z, torch.tensor(1.0 / P.shape[1], dtype=P.dtype))


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("ids must hold at least two tokens")
    xs, ys = ids[:-1], ids[1:]
    logprobs = probabilities[xs].log()
    return F.nll_loss(logprobs, ys).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    xs_p = torch.bincount(train_ids, minlength=vocab_size).double()
    xs_p = (xs_p + smoothing) / (train_ids.nelement() + smoothing * vocab_size)
    uni = -(xs_p[val_ids[1:]].log().mean())
    P = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), uni.item(), bigram_loss(val_ids, P)
