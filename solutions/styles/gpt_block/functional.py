import torch
import torch.nn.functional as F
from torch import nn

from . import layer_norm, multi_head_attention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    """Keeps its layers in a ModuleList, and computes the linear ones with einsum."""

    def __init__(self, cfg, factor=4):
        super().__init__()
        size = cfg["emb_dim"]
        self.layers = nn.ModuleList([nn.Linear(size, factor * size), nn.Identity(), nn.Linear(factor * size, size)])

    def forward(self, x):
        first, _, second = self.layers
        hidden = torch.einsum("...i,oi->...o", x, first.weight) + first.bias
        return torch.einsum("...i,oi->...o", F.gelu(hidden, approximate="tanh"), second.weight) + second.bias


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = dict(cfg)
        size = cfg["emb_dim"]
        self.norm1 = layer_norm.LayerNorm(size)
        self.norm2 = layer_norm.LayerNorm(size)
        self.att = multi_head_attention.MultiHeadAttention(
            size, size, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.ff = FeedForward(cfg)

    def forward(self, x):
        for norm, part in ((self.norm1, self.att), (self.norm2, self.ff)):
            x = torch.add(x, F.dropout(part(norm(x)), self.cfg["drop_rate"], training=self.training))
        return x
