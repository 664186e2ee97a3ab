import torch
import torch.nn.functional as F
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    hot = F.one_hot(ids, num_classes=vocab_size)
    return torch.einsum("ta,tb->ab", hot[:-1], hot[1:])


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    weights = counts.to(torch.float64).add(smoothing)
    dead = weights.sum(-1) == 0
    weights = weights.masked_fill(dead.unsqueeze(-1), 1.0)
    return F.normalize(weights, p=1, dim=-1, eps=0.0)


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    if ids.shape[0] <= 1:
        raise ValueError("There is no pair to measure.")
    return F.cross_entropy(probabilities.log()[ids[:-1]], ids[1:]).item()


def baseline_losses(
    train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0
) -> tuple[float, float, float]:
    targets = val_ids[1:]
    flat = torch.zeros(len(targets), vocab_size, dtype=torch.float64)
    share = F.one_hot(train_ids, vocab_size).sum(0).double() + smoothing
    share = share / share.sum()
    uniform = F.cross_entropy(flat, targets)
    unigram = F.nll_loss(share.log().expand(len(targets), -1), targets)
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return uniform.item(), unigram.item(), bigram
