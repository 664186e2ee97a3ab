import torch
import torch.nn as nn
import torch.nn.functional as F
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(width, 4 * width), GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.ff = FeedForward(cfg)
        self.att = MultiHeadAttention(
            d_in=width,
            d_out=width,
            context_length=cfg["context_length"],
            num_heads=cfg["n_heads"],
            dropout=cfg["drop_rate"],
            qkv_bias=cfg.pop("qkv_bias", False),
        )
        self.norm1 = LayerNorm(width)
        self.norm2 = LayerNorm(width)
        self.dropout = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        attention = self.att(self.norm1(x))
        x = x + self.dropout(attention)
        feed_forward = self.ff(self.norm2(x))
        return x + self.dropout(feed_forward)
