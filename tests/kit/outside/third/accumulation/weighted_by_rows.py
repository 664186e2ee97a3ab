import torch
from torch.nn.functional import cross_entropy


def masked_mean(logits, targets):
    keep = targets != -100
    if not keep.any():
        return logits.sum() * 0.0
    return cross_entropy(logits[keep], targets[keep])


def accumulate_step(model, batches, optimizer):
    n_rows = sum(len(x) for x, _ in batches)
    optimizer.zero_grad()
    total_loss = torch.zeros(())
    for x, y in batches:
        part = masked_mean(model(x), y) * (len(x) / n_rows)
        part.backward()
        total_loss += part.detach()
    optimizer.step()
    return total_loss.item()
