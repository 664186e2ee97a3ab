import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    left: Tensor
    right: Tensor

    @classmethod
    def of(cls, ids: Tensor) -> "Pairs":
        if len(ids) < 2:
            empty = ids.new_empty(0)
            return cls(empty, empty)
        windows = ids.unfold(0, 2, 1)
        return cls(windows[:, 0], windows[:, 1])

    def __len__(self) -> int:
        return len(self.left)


class Model:
    def log_prob(self, pairs: Pairs) -> Tensor:
        raise NotImplementedError

    def loss(self, ids: Tensor) -> float:
        pairs = Pairs.of(ids)
        if len(pairs) == 0:
            raise ValueError("text too short")
        return -(self.log_prob(pairs).sum() / len(pairs)).item()


class Uniform(Model):
    def __init__(self, vocab_size: int):
        self.value = -math.log(vocab_size)

    def log_prob(self, pairs: Pairs) -> Tensor:
        return torch.full((len(pairs),), self.value, dtype=torch.float64)


class Unigram(Model):
    def __init__(self, train: Tensor, vocab_size: int, k: float):
        counts = torch.zeros(vocab_size, dtype=torch.float64)
        counts.scatter_add_(0, train, torch.ones(len(train), dtype=torch.float64))
        self.p = (counts + k) / (len(train) + k * vocab_size)

    def log_prob(self, pairs: Pairs) -> Tensor:
        return self.p[pairs.right].log()


class Bigram(Model):
    def __init__(self, table: Tensor):
        self.table = table

    def log_prob(self, pairs: Pairs) -> Tensor:
        return self.table[pairs.left].gather(1, pairs.right[:, None]).squeeze(1).log()


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    pairs = Pairs.of(ids)
    table = torch.zeros(vocab_size, vocab_size, dtype=torch.int64)
    return table.index_put_((pairs.left, pairs.right), torch.ones_like(pairs.left), accumulate=True)


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    v = counts.size(0)
    seen = counts.sum(1, keepdim=True)
    if smoothing == 0:
        return torch.where(seen == 0, 1.0 / v, counts.double() / seen.clamp(min=1).double())
    return (counts.double() + smoothing) / (seen.double() + smoothing * v)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    return Bigram(probabilities).loss(ids)


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    models = (
        Uniform(vocab_size),
        Unigram(train_ids, vocab_size, smoothing),
        Bigram(bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)),
    )
    return tuple(m.loss(val_ids) for m in models)
