import torch
from numpy import pi, sqrt
from torch import nn

from .layer_norm import LayerNorm as Norm
from .multi_head_attention import MultiHeadAttention as Attention

ROOT = sqrt(2 / pi)


class GELU(nn.Module):
    def forward(self, x):
        out = x.pow(3)
        out = out * 0.044715 + x
        out = torch.tanh(out * float(ROOT)) + 1
        return out * x / 2


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(n, n * 4), nn.GELU("tanh"), nn.Linear(n * 4, n))

    def forward(self, x):
        return self.layers(x)


class Branch(nn.Module):
    """One half of the block: a helper module without parameters."""

    def __init__(self, rate):
        super().__init__()
        self.drop = nn.Dropout(rate)

    def forward(self, x, norm, work):
        y = self.drop(work(norm(x)))
        y += x
        return y


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n, rate = cfg["emb_dim"], cfg.get("drop_rate", 0.1)
        self.branch = Branch(rate)
        self.norm2, self.ff, self.norm1 = Norm(n), FeedForward(cfg), Norm(n)
        options = dict(d_in=n, d_out=n, context_length=cfg["context_length"], num_heads=cfg["n_heads"])
        self.att = Attention(**options, dropout=rate, qkv_bias=cfg["qkv_bias"])

    def forward(self, x):
        return self.branch(self.branch(x, self.norm1, self.att), self.norm2, self.ff)
