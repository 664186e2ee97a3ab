import torch.nn as nn
import torch.nn.functional as F
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


def mlp(width):
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = mlp(cfg["emb_dim"])

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        e = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=e, d_out=e, context_length=cfg["context_length"],
                                      num_heads=cfg["n_heads"], dropout=cfg["drop_rate"],
                                      qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(e)
        self.norm2 = LayerNorm(e)
        self.p = cfg["drop_rate"]

    def drop(self, t):
        return F.dropout(t, p=self.p, training=self.training)

    def forward(self, x):
        h = x + self.drop(self.att(self.norm1(x)))
        return h + self.drop(self.ff(self.norm2(h)))
