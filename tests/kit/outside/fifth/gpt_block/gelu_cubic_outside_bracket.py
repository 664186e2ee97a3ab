import numpy as np
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


def gelu(x):
    return 0.5 * x * (1 + torch.tanh(float(np.sqrt(2 / np.pi)) * x + 0.044715 * x ** 3))


class GELU(nn.Module):
    def forward(self, x):
        return gelu(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]),
                                    nn.Identity(),
                                    nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"]))

    def forward(self, x):
        h1 = self.layers[0](x)
        h2 = gelu(h1)
        h3 = self.layers[2](h2)
        return h3


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n = cfg["emb_dim"]
        self.norm1 = LayerNorm(n)
        self.norm2 = LayerNorm(n)
        self.att = MultiHeadAttention(d_in=n, d_out=n, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"],
                                      qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.drop1 = nn.Dropout(cfg["drop_rate"])
        self.drop2 = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        a = self.drop1(self.att(self.norm1(x)))
        y = x + a
        m = self.drop2(self.ff(self.norm2(y)))
        z = y + m
        return z
