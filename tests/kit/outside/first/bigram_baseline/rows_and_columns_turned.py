# MISTAKE: Rows and columns are changed round in the counts; right is the token before as the row.
import numpy as np
import torch


def count_bigrams(ids, vocab_size):
    text = ids.numpy()
    after, before = text[:-1], text[1:]
    cells = np.bincount(before * vocab_size + after, minlength=vocab_size**2)
    return torch.from_numpy(cells.reshape(vocab_size, vocab_size).astype(np.int64))


def bigram_probabilities(counts, smoothing=1.0):
    table = counts.numpy().astype(np.float64) + smoothing
    totals = table.sum(axis=1, keepdims=True)
    table[totals[:, 0] == 0] = 1.0
    return torch.from_numpy(table / table.sum(axis=1, keepdims=True))


def bigram_loss(ids, probabilities):
    assert len(ids) > 1, "too short"
    p = probabilities.numpy()[ids.numpy()[:-1], ids.numpy()[1:]]
    with np.errstate(divide="ignore"):
        return float(-np.log(p).mean())


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    shares = np.bincount(train_ids.numpy(), minlength=vocab_size) + smoothing
    shares = shares / shares.sum()
    goals = val_ids.numpy()[1:]
    with np.errstate(divide="ignore"):
        unigram = float(-np.log(shares[goals]).mean())
    model = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return float(np.log(vocab_size)), unigram, bigram_loss(val_ids, model)
