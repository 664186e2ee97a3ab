"""Written by a reader of the book: GELU multiplies by a float32 tensor, and both shortcuts share one dropout module."""

import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        steepness = torch.tensor(2.0 / torch.pi).sqrt()
        gate = torch.tanh(steepness * (x + 0.044715 * torch.pow(x, 3)))
        return x * (gate + 1) * 0.5


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        narrow, wide = cfg["emb_dim"], 4 * cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(narrow, wide), GELU(), nn.Linear(wide, narrow))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width, rate = cfg["emb_dim"], cfg["drop_rate"]
        self.norm1, self.norm2 = LayerNorm(width), LayerNorm(width)
        self.att = MultiHeadAttention(
            width, width, cfg["context_length"], dropout=rate, num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"]
        )
        self.ff = FeedForward(cfg)
        self.thin_out = nn.Dropout(rate)

    def forward(self, x):
        after_attention = self.thin_out(self.att(self.norm1(x))) + x
        return self.thin_out(self.ff(self.norm2(after_attention))) + after_attention
