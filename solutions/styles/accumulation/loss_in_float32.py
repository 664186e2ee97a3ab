"""The loss in float32, text by text, inside a closure that the optimizer calls."""

import torch
from torch import nn


def accumulate_step(model, batches, optimizer):
    criterion = nn.CrossEntropyLoss(ignore_index=-100, reduction="sum")
    count = torch.cat([targets.flatten() for _, targets in batches]).ne(-100).sum()

    def closure():
        optimizer.zero_grad()
        losses = []
        for inputs, targets in batches:
            for row in range(len(inputs)):
                logits = model(inputs[row : row + 1])[0].float()
                loss = criterion(logits, targets[row]) / count
                loss.backward()
                losses.append(loss.detach())
        return torch.stack(losses).sum()

    return float(optimizer.step(closure))
