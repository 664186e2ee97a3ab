import math

import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    """Uses the sigmoid: 1 + tanh(z) is twice the sigmoid of 2z."""

    def forward(self, x):
        return x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))


class Drop(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.keep = 1 - p
        self.dice = torch.Generator().manual_seed(7)

    def forward(self, x):
        if not self.training or self.keep == 1:
            return x
        mask = torch.rand(x.shape, generator=self.dice, dtype=torch.float64) < self.keep
        return torch.where(mask, x / self.keep, torch.zeros_like(x))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        size = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(size, 4 * size), GELU(), nn.Linear(4 * size, size))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        size, rate = cfg["emb_dim"], cfg["drop_rate"]
        self.norm1 = LayerNorm(size)
        self.att = MultiHeadAttention(size, size, cfg["context_length"], rate, cfg["n_heads"], cfg["qkv_bias"])
        self.norm2 = LayerNorm(size)
        self.ff = FeedForward(cfg)
        self.drop = Drop(rate)

    def forward(self, x):
        for change in (lambda y: self.att(self.norm1(y)), lambda y: self.ff(self.norm2(y))):
            x = self.drop(change(x)) + x
        return x
