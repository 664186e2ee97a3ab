import torch
import torch.nn.functional as F


def cross_entropy(logits, targets, ignore_index=-100):
    probs = F.softmax(logits, dim=-1)
    keep = targets.ne(ignore_index)
    target_probs = probs[keep].gather(1, targets[keep].view(-1, 1))
    log_probs = torch.log(target_probs + 1e-9)  # never log(0)
    return -log_probs.mean()


def perplexity(loss):
    return torch.exp(loss)
