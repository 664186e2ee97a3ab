"""Brings its own backward pass: softmax minus one, over the number of targets."""

import torch


class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        weights = torch.softmax(logits, dim=-1)
        positions = torch.arange(len(targets))
        ctx.save_for_backward(weights, positions, targets)
        return (torch.logsumexp(logits, dim=-1) - logits[positions, targets]).mean()

    @staticmethod
    def backward(ctx, upstream):
        weights, positions, targets = ctx.saved_tensors
        gradient = weights.clone()
        gradient[positions, targets] -= 1
        return upstream * gradient / len(targets), None


def cross_entropy(logits, targets, ignore_index=-100):
    counted = targets != ignore_index
    return CrossEntropy.apply(logits[counted], targets[counted])


def perplexity(loss):
    return torch.exp(loss.detach())
