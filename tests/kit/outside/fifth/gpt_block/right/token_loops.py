"""The block, spelled out one position at a time."""
import math

import torch
import torch.nn as nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("root", torch.tensor(math.sqrt(2.0 / math.pi)), persistent=False)

    def forward(self, x):
        cube = x * x * x
        inner = self.root * (x + 0.044715 * cube)
        half = x / 2
        return half + half * torch.tanh(inner)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb_dim = cfg["emb_dim"]
        hidden_dim = emb_dim * 4
        self.layers = nn.Sequential()
        self.layers.add_module("0", nn.Linear(emb_dim, hidden_dim))
        self.layers.add_module("1", GELU())
        self.layers.add_module("2", nn.Linear(hidden_dim, emb_dim))

    def one_token(self, vector):
        hidden = self.layers[0](vector)
        hidden = self.layers[1](hidden)
        return self.layers[2](hidden)

    def forward(self, x):
        if x.dim() < 3:
            return self.one_token(x)
        outputs = []
        for position in range(x.shape[-2]):
            outputs.append(self.one_token(x[..., position, :]))
        return torch.stack(outputs, dim=-2)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        settings = dict(cfg)
        emb_dim = settings["emb_dim"]
        drop_rate = settings["drop_rate"]
        self.norm1 = LayerNorm(emb_dim)
        self.att = MultiHeadAttention(
            d_in=emb_dim,
            d_out=emb_dim,
            context_length=settings["context_length"],
            dropout=drop_rate,
            num_heads=settings["n_heads"],
            qkv_bias=settings["qkv_bias"],
        )
        self.dropout1 = nn.Dropout(drop_rate)
        self.norm2 = LayerNorm(emb_dim)
        self.ff = FeedForward(settings)
        self.dropout2 = nn.Dropout(drop_rate)

    def forward(self, x):
        normed = self.norm1(x)
        attended = self.att(normed)
        attended = self.dropout1(attended)
        middle = torch.add(x, attended)

        normed = self.norm2(middle)
        transformed = self.ff(normed)
        transformed = self.dropout2(transformed)
        return torch.add(middle, transformed)
