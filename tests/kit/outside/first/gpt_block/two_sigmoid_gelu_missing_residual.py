# MISTAKE: GELU is the sigmoid approximation x * sigmoid(1.702 x); right is the tanh approximation.
# MISTAKE: The residual connection around the feed-forward part is missing; right is x + drop(ff(norm2(x))).
import math
import torch
from torch import nn
import torch.nn.functional as F

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        hidden = 4 * d
        self.layers = nn.ModuleList([nn.Linear(d, hidden), GELU(), nn.Linear(hidden, d)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.norm1 = LayerNorm(d)
        self.att = MultiHeadAttention(
            d, d, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.norm2 = LayerNorm(d)
        self.ff = FeedForward(cfg)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x = x + self.drop(self.att(self.norm1(x)))
        x = self.drop(self.ff(self.norm2(x)))
        return x
