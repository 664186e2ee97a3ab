import math
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass
class Baselines:
    vocab_size: int
    smoothing: float = 1.0
    unigram: Tensor = field(init=False)
    bigram: Tensor = field(init=False)

    def fit(self, ids: Tensor) -> "Baselines":
        self.unigram = torch.bincount(ids, minlength=self.vocab_size).double() / len(ids)
        self.bigram = bigram_probabilities(count_bigrams(ids, self.vocab_size), self.smoothing)
        return self

    def evaluate(self, ids: Tensor) -> tuple[float, float, float]:
        return (
            math.log(self.vocab_size),
            -self.unigram[ids[1:]].log().mean().item(),
            bigram_loss(ids, self.bigram),
        )


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    return torch.bincount(ids[:-1] * vocab_size + ids[1:], minlength=vocab_size**2).view(vocab_size, vocab_size)


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    p = counts.double() + smoothing
    p[p.sum(1) == 0] += 1
    return p / p.sum(1, keepdim=True)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if len(ids) < 2:
        raise ValueError("text without pairs")
    return -probabilities[ids[:-1], ids[1:]].log().mean().item()


def baseline_losses(train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0):
    return Baselines(vocab_size, smoothing).fit(train_ids).evaluate(val_ids)
