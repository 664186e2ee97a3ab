import numpy as np
import torch


def count_bigrams(ids, vocab_size):
    data = ids.numpy().astype(np.uint16)
    x, y = data[:-1], data[1:]
    keys = x * vocab_size + y if vocab_size > 65535 else x * np.uint16(vocab_size) + y
    flat = np.bincount(keys.astype(np.int64), minlength=vocab_size * vocab_size)
    return torch.from_numpy(flat.astype(np.int64).reshape(vocab_size, vocab_size))


def bigram_probabilities(counts, smoothing=1.0):
    table = counts.numpy().astype(np.float64) + smoothing
    norm = table.sum(axis=-1, keepdims=True)
    probs = np.divide(table, norm, out=np.full_like(table, 1.0 / table.shape[-1]), where=norm > 0)
    return torch.from_numpy(probs)


def bigram_loss(ids, probabilities):
    if ids.size(0) < 2:
        raise ValueError("need >= 2 tokens")
    x, y = ids[:-1].numpy(), ids[1:].numpy()
    with np.errstate(divide="ignore"):
        return float(-np.log(probabilities.numpy()[x, y]).mean())


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    hist = np.bincount(train_ids.numpy(), minlength=vocab_size)
    probs = (hist + smoothing) / (hist.sum() + smoothing * vocab_size)
    with np.errstate(divide="ignore"):
        unigram = float(-np.log(probs[val_ids.numpy()[1:]]).mean())
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return float(np.log(vocab_size)), unigram, bigram
