import math

import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention

A, B = math.sqrt(2 / math.pi), 0.044715


class Bend(torch.autograd.Function):
    """GELU with its derivative written by hand."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 0.5 * x * (1 + torch.tanh(A * (x + B * x**3)))

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        t = torch.tanh(A * (x + B * x**3))
        return upstream * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * A * (1 + 3 * B * x**2))


class GELU(nn.Module):
    def forward(self, x):
        return Bend.apply(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        size = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(size, size * 4), GELU(), nn.Linear(size * 4, size))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        size = cfg["emb_dim"]
        self.att = MultiHeadAttention(
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
            dropout=cfg["drop_rate"],
            context_length=cfg["context_length"],
            d_out=size,
            d_in=size,
        )
        self.norm1, self.norm2, self.ff = LayerNorm(size), LayerNorm(size), FeedForward(cfg)
        self.drops = nn.ModuleList([nn.Dropout(cfg["drop_rate"]) for _ in range(2)])

    def forward(self, x):
        heard = self.drops[0](self.att(self.norm1(x)))
        thought = self.drops[1](self.ff(self.norm2(x + heard)))
        return x + heard + thought
