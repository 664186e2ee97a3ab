import torch
from torch import Tensor


def counting(logits: Tensor, targets: Tensor, ignore_index: int) -> tuple[Tensor, Tensor]:
    keep = targets >= 0
    return logits[keep], targets[keep]


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -100) -> Tensor:
    rows, classes = counting(logits, targets, ignore_index)
    right = rows.gather(-1, classes.unsqueeze(-1)).squeeze(-1)
    return (rows.logsumexp(dim=-1) - right).mean()


def perplexity(loss: Tensor) -> Tensor:
    return loss.exp()
