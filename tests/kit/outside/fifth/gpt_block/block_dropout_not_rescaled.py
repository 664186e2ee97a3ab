import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        t = torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x.pow(3)))
        return torch.lerp(torch.zeros_like(x), x, 0.5 * (1 + t))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n_in = cfg["emb_dim"]
        n_hidden = 4 * n_in
        self.layers = nn.Sequential(nn.Linear(n_in, n_hidden), GELU(), nn.Linear(n_hidden, n_in))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n_in = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=n_in, d_out=n_in, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(n_in)
        self.norm2 = LayerNorm(n_in)
        self.drop_rate = cfg["drop_rate"]

    def dropout(self, x):
        if not self.training:
            return x
        keep = torch.rand_like(x) > self.drop_rate
        return x * keep

    def forward(self, x):
        x = x + self.dropout(self.att(self.norm1(x)))
        x = x + self.dropout(self.ff(self.norm2(x)))
        return x
