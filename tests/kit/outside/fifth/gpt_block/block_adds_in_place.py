import numpy as np
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1 + torch.tanh(float(np.sqrt(2 / np.pi)) * (x + 0.044715 * x ** 3)))


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
        size = cfg["emb_dim"]
        self.norm1 = LayerNorm(size)
        self.norm2 = LayerNorm(size)
        self.att = MultiHeadAttention(d_in=size, d_out=size, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.dropout = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x += self.dropout(self.att(self.norm1(x)))
        x += self.dropout(self.ff(self.norm2(x)))
        return x
