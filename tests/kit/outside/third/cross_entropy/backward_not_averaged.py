import math

import torch


class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, t, ignore_index):
        keep = t != ignore_index
        safe = torch.where(keep, t, torch.zeros_like(t))
        shifted = z - z.amax(dim=1, keepdim=True)
        log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        n = keep.sum()
        picked = log_p[torch.arange(len(t), device=t.device), safe]
        ctx.save_for_backward(log_p, safe, keep, n)
        return -(picked * keep).sum() / n

    @staticmethod
    def backward(ctx, grad_output):
        log_p, safe, keep, n = ctx.saved_tensors
        d = log_p.exp()
        d[torch.arange(len(safe), device=safe.device), safe] -= 1.0
        d = d * keep.unsqueeze(1)
        return grad_output * d, None, None


def cross_entropy(logits, targets, ignore_index=-100):
    flat = logits.reshape(targets.numel(), -1)
    return CrossEntropy.apply(flat, targets.reshape(-1), ignore_index)


def perplexity(loss):
    return math.exp(float(loss))
