import math

import numpy as np
import torch


def count_bigrams(ids, vocab_size):
    counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
    np.add.at(counts, (ids[:-1].numpy(), ids[1:].numpy()), 1)
    return torch.from_numpy(counts)


def bigram_probabilities(counts, smoothing=1.0):
    table = counts.numpy().astype(np.float32) + np.float32(smoothing)
    sums = table.sum(1, keepdims=True)
    with np.errstate(all="ignore"):
        table = np.where(sums > 0, table / sums, np.float32(1) / np.float32(len(counts)))
    return torch.from_numpy(table.astype(np.float64))


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("this text has no pairs")
    p = probabilities.numpy().astype(np.float32)[ids[:-1].numpy(), ids[1:].numpy()]
    with np.errstate(all="ignore"):
        return float(-np.log(p).mean())


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    single = np.bincount(train_ids.numpy(), minlength=vocab_size).astype(np.float32) + np.float32(smoothing)
    single = single / single.sum()
    with np.errstate(all="ignore"):
        unigram = float(-np.log(single[val_ids[1:].numpy()]).mean())
    return math.log(vocab_size), unigram, bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
