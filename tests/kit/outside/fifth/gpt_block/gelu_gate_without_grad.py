import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    """Gated identity: the input times how much of it passes."""

    @torch.no_grad()
    def gate(self, x):
        return 0.5 * (1 + torch.tanh(0.7978845608028654 * (x + 0.044715 * x.pow(3))))

    def forward(self, x):
        return x * self.gate(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        dim = cfg["emb_dim"]
        hidden = dim << 2
        self.layers = nn.Sequential(nn.Linear(dim, hidden), GELU(), nn.Linear(hidden, dim))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        dim = cfg["emb_dim"]
        kw = dict(context_length=cfg["context_length"], num_heads=cfg["n_heads"],
                  dropout=cfg["drop_rate"], qkv_bias=cfg["qkv_bias"])
        self.att = MultiHeadAttention(d_in=dim, d_out=dim, **kw)
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(dim)
        self.norm2 = LayerNorm(dim)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        y = self.norm1(x)
        y = self.att(y)
        x = x + self.drop(y)
        y = self.norm2(x)
        y = self.ff(y)
        x = x + self.drop(y)
        return x
