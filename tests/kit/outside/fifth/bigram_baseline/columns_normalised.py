import numpy as np
import torch


def count_bigrams(ids, vocab_size):
    ids = np.asarray(ids)
    counts = np.histogram2d(
        ids[:-1], ids[1:], bins=[np.arange(vocab_size + 1) - 0.5, np.arange(vocab_size + 1) - 0.5]
    )[0]
    return torch.tensor(counts.astype(np.int64))


def bigram_probabilities(counts, smoothing=1.0):
    arr = np.asarray(counts, dtype=float) + smoothing
    total = arr.sum(axis=0)
    safe = np.where(total == 0, 1.0, total)
    probs = np.where(total == 0, 1.0 / arr.shape[0], arr / safe)
    return torch.tensor(probs)


def bigram_loss(ids, probabilities):
    ids = np.asarray(ids)
    if len(ids) < 2:
        raise ValueError("text is too short")
    picked = np.asarray(probabilities)[ids[:-1], ids[1:]]
    if (picked == 0).any():
        return float("inf")
    return float(np.mean(-np.log(picked)))


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    train, val = np.asarray(train_ids), np.asarray(val_ids)
    share = np.array([(np.sum(train == t) + smoothing) / (len(train) + smoothing * vocab_size) for t in val[1:]])
    uni = float("inf") if (share == 0).any() else float(np.mean(-np.log(share)))
    bi = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return float(np.log(vocab_size)), uni, bi
