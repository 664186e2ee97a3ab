import numpy as np
import torch


def count_bigrams(ids, vocab_size):
    seq = ids.numpy()
    C = np.zeros((vocab_size, vocab_size), dtype="int64")
    for k in range(seq.shape[0] - 1):
        C[seq[k], seq[k + 1]] = C[seq[k], seq[k + 1]] + 1
    return torch.from_numpy(C)


def bigram_probabilities(counts, smoothing=1.0):
    C = counts.numpy() + float(smoothing)
    V = C.shape[0]
    P = np.empty((V, V), dtype="float64")
    for k in range(V):
        s = C[k, :].sum()
        P[k, :] = C[k, :] / s if s > 0 else 1.0 / V
    return torch.from_numpy(P)


def bigram_loss(ids, probabilities):
    seq = ids.numpy()
    if seq.shape[0] < 2:
        raise ValueError("sequence of length < 2")
    P = probabilities.numpy()
    with np.errstate(divide="ignore"):
        H = -np.log2(P[seq[:-1], seq[1:]])
    return float(H.mean())


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    n = np.bincount(train_ids.numpy(), minlength=vocab_size)
    q = (n + smoothing) / (n.sum() + smoothing * vocab_size)
    with np.errstate(divide="ignore"):
        unigram = float((-np.log(q[val_ids.numpy()[1:]])).mean())
    P = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return float(np.log(vocab_size)), unigram, bigram_loss(val_ids, P)
