import torch
import torch.nn.functional as F
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x.to(torch.float32), approximate="tanh").to(x.dtype)


class FeedForward(nn.Module):
    """Calls a list of layers."""

    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.layers = nn.ModuleList([nn.Linear(width, 4 * width), GELU(), nn.Linear(4 * width, width)])

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    """Right, but for what it calls."""

    def __init__(self, cfg):
        super().__init__()
        width, rate = cfg["emb_dim"], cfg["drop_rate"]
        self.norm1, self.norm2 = LayerNorm(width), LayerNorm(width)
        self.att = MultiHeadAttention(
            d_in=width,
            d_out=width,
            context_length=cfg["context_length"],
            dropout=rate,
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.drop = nn.Dropout(rate)

    def forward(self, x):
        for norm, branch in ((self.norm1, self.att), (self.norm2, self.ff)):
            x = x + self.drop(branch(norm(x.float().to(x.dtype))))
        return x
