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
        self.layers = nn.Sequential(
            nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]),
            GELU(),
            nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"]),
        )

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"],
            d_out=cfg["emb_dim"],
            context_length=cfg["context_length"],
            num_heads=cfg["n_heads"],
            dropout=cfg["drop_rate"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop_shortcut = Drop(cfg["drop_rate"])

    def forward(self, x):
        shortcut = x
        x = self.norm1(x)
        x = self.att(x)
        x = self.drop_shortcut(x)
        x = x + shortcut

        shortcut = x
        x = self.norm2(x)
        x = self.ff(x)
        x = self.drop_shortcut(x)
        x = x + shortcut

        return x
