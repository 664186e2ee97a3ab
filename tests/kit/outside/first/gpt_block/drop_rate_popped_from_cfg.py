# MISTAKE: drop_rate is taken out of cfg with pop, so the dict is changed and a second block from it raises KeyError; right is to read it only.
import torch
import torch.nn as nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.GELU(approximate="tanh")

    def forward(self, x):
        return self.act(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        dims = cfg["emb_dim"], 4 * cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(dims[0], dims[1]), GELU(), nn.Linear(dims[1], dims[0]))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        drop_rate = cfg.pop("drop_rate")
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"], d_out=cfg["emb_dim"], context_length=cfg["context_length"],
            dropout=drop_rate, num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.dropout = nn.Dropout(drop_rate)

    def forward(self, x):
        h = x + self.dropout(self.att(self.norm1(x)))
        return h + self.dropout(self.ff(self.norm2(h)))
