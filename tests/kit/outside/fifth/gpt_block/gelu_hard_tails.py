import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    """GELU as in GPT-2."""

    LIMIT = 3.0

    def forward(self, x):
        middle = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x.pow(3))))
        y = torch.where(x > self.LIMIT, x, middle)
        return torch.where(x < -self.LIMIT, torch.zeros_like(x), y)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        h = cfg["emb_dim"]
        self.layers = nn.Sequential(*[nn.Linear(h, 4 * h), GELU(), nn.Linear(4 * h, h)])

    def forward(self, x):
        return self.layers(x)


class Residual(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.drop = nn.Dropout(rate)

    def forward(self, x, fn):
        return x + self.drop(fn(x))


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        h = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=h, d_out=h, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(h)
        self.norm2 = LayerNorm(h)
        self.res1 = Residual(cfg["drop_rate"])
        self.res2 = Residual(cfg["drop_rate"])

    def forward(self, x):
        x = self.res1(x, lambda t: self.att(self.norm1(t)))
        x = self.res2(x, lambda t: self.ff(self.norm2(t)))
        return x
