"""The logarithms of the probabilities are logits, and torch's own cross-entropy does the rest."""

import torch
import torch.nn.functional as F


def count_bigrams(ids, vocab_size):
    table = torch.zeros(vocab_size * vocab_size, dtype=torch.int64)
    cells = vocab_size * ids[:-1] + ids[1:]
    return table.scatter_add_(0, cells, torch.ones_like(cells)).unflatten(0, (vocab_size, vocab_size))


def bigram_probabilities(counts, smoothing=1.0):
    weights = smoothing + counts.double()
    empty = weights.sum(dim=1, keepdim=True) == 0
    weights = weights.masked_fill(empty, 1.0)
    return torch.einsum("ab,a->ab", weights, 1 / weights.sum(dim=1))


def bigram_loss(ids, probabilities):
    if ids.shape[0] <= 1:
        raise ValueError("too short")
    return F.nll_loss(probabilities.log()[ids[:-1]], ids[1:]).item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    nothing = torch.zeros(len(val_ids) - 1, vocab_size, dtype=torch.float64)
    single = torch.stack([(train_ids == token).sum() for token in range(vocab_size)]).double() + smoothing
    shares = (single / single.sum()).log()
    targets = val_ids[1:]
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    uniform = F.cross_entropy(nothing, targets).item()
    return uniform, F.nll_loss(shares.expand(len(targets), -1), targets).item(), bigram_loss(val_ids, pairs)
