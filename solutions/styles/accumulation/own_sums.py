"""Gradients from `torch.autograd.grad`, added up in a list of their own and handed to the optimizer."""

import torch


def accumulate_step(model, batches, optimizer):
    parameters = [p for p in model.parameters() if p.requires_grad]
    sums = [torch.zeros_like(p) for p in parameters]
    losses = []
    counting = 0
    for inputs, targets in batches:
        keep = targets != -100
        if not keep.any():
            continue
        logs = torch.log_softmax(model(inputs), dim=-1)[keep]
        loss = -logs[torch.arange(len(logs)), targets[keep]].sum()
        for total, gradient in zip(sums, torch.autograd.grad(loss, parameters)):
            total += gradient
        counting += len(logs)
        losses.append(loss.item())
    for parameter, total in zip(parameters, sums):
        parameter.grad = total / counting
    optimizer.step()
    return sum(losses) / counting
