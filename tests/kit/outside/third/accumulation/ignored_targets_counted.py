import torch
import torch.nn.functional as F


def accumulate_step(model, batches, optimizer):
    total = sum(targets.numel() for _, targets in batches)

    optimizer.zero_grad()
    mean_loss = 0.0
    for inputs, targets in batches:
        logits = model(inputs)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100, reduction="sum")
        loss = loss / total
        loss.backward()
        mean_loss += loss.item()
    optimizer.step()
    optimizer.zero_grad()
    return mean_loss
