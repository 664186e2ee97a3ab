import numpy as np
import torch


def count_bigrams(ids, vocab_size):
    x = ids.detach().cpu().numpy()
    out = np.zeros((vocab_size, vocab_size), dtype=np.int64)
    np.add.at(out, (x[:-1], x[1:]), 1)
    return torch.from_numpy(out)


def bigram_probabilities(counts, smoothing=1.0):
    c = counts.numpy().astype(np.float64)
    v = c.shape[1]
    c[c.sum(axis=1) == 0] = 1.0
    c += smoothing
    return torch.from_numpy(c / c.sum(axis=1)[:, None])


def bigram_loss(ids, probabilities):
    x = ids.numpy()
    assert x.size >= 2, "need a pair"
    with np.errstate(divide="ignore"):
        nll = -np.log(probabilities.numpy()[x[:-1], x[1:]])
    return float(np.average(nll))


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    t, v = train_ids.numpy(), val_ids.numpy()
    singles = np.zeros(vocab_size)
    values, how_often = np.unique(t, return_counts=True)
    singles[values] = how_often
    p = (singles + smoothing) / (t.size + smoothing * vocab_size)
    with np.errstate(divide="ignore"):
        uni = float(-np.log(p[v[1:]]).mean())
    bi = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return float(np.log(vocab_size)), uni, bi
