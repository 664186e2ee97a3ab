import math

import torch


def count_bigrams(ids, vocab_size):
    M = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    text = list(map(int, ids))
    for i, token in enumerate(text[1:]):
        M[text[i], token] += 1
    return M


def bigram_probabilities(counts, smoothing=1.0):
    k = smoothing
    V = counts.shape[0]
    n = counts.sum(1, keepdim=True)
    if k == 0:
        P = counts.double() / n
        P[n[:, 0] == 0] = 1 / V
        return P
    return (counts.double() + k) / (n.double() + k * V)


def bigram_loss(ids, probabilities):
    if not len(ids):
        raise ValueError("the text has no tokens")
    before, after = ids[:-1], ids[1:]
    return torch.mean(-torch.log(probabilities[before, after])).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    k, V = smoothing, vocab_size
    share = {t: ((train_ids == t).sum().item() + k) / (len(train_ids) + k * V) for t in set(val_ids[1:].tolist())}
    unigram = torch.mean(-torch.log(torch.tensor([share[t] for t in val_ids[1:].tolist()], dtype=torch.float64)))
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, V), k))
    return math.log(V), unigram.item(), bigram
