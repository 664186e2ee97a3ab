"""Goes through the rows one at a time, with Python's numbers where it can."""

import math

import torch


def surprise(row, target):
    top = row.max()
    total = sum((logit - top).exp() for logit in row)
    return top + total.log() - row[target]


def cross_entropy(logits, targets, ignore_index=-100):
    rows = logits.contiguous().view(-1, logits.size(-1))
    losses = []
    for row, target in zip(rows, targets.flatten().tolist()):
        if target == ignore_index:
            continue
        losses.append(surprise(row, target))
    return torch.stack(losses).mean()


def perplexity(loss):
    return math.e**loss
