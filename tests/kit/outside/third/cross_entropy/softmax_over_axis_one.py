import torch
import torch.nn.functional as F


def cross_entropy(logits, targets, ignore_index=-100):
    """- sum(one_hot * log_softmax) / number of counting targets"""
    vocab = logits.size(-1)
    weights = (targets != ignore_index).to(logits.dtype)
    labels = F.one_hot(torch.where(targets == ignore_index, 0, targets), vocab).to(logits.dtype)
    log_probs = F.log_softmax(logits, dim=1)
    losses = -torch.einsum("...v,...v->...", labels, log_probs)
    return torch.sum(losses * weights) / torch.sum(weights)


def perplexity(loss):
    return loss.exp()
