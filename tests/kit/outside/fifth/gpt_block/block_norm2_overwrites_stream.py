import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def __init__(self):
        super().__init__()
        self.k = math.sqrt(2 / math.pi)
        self.a = 0.044715

    def forward(self, x):
        return x / 2 * (torch.tanh(self.k * (x + self.a * x ** 3)) + 1)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        dim = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(dim, dim * 4), GELU(), nn.Linear(dim * 4, dim))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        dim = cfg["emb_dim"]
        self.norm1 = LayerNorm(dim)
        self.norm2 = LayerNorm(dim)
        self.att = MultiHeadAttention(d_in=dim, d_out=dim, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, inputs):
        out1 = self.norm1(inputs)
        out1 = self.drop(self.att(out1))
        x = inputs + out1
        x = self.norm2(x)
        out2 = self.drop(self.ff(x))
        return x + out2
