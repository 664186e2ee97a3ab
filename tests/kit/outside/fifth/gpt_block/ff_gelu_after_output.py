import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * x**3))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        widths = [cfg["emb_dim"], 4 * cfg["emb_dim"], cfg["emb_dim"]]
        layers = []
        for i in range(len(widths) - 1):
            layers += [nn.Linear(widths[i], widths[i + 1]), GELU()]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        w = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=w, d_out=w, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(w)
        self.norm2 = LayerNorm(w)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        attended = x + self.drop(self.att(self.norm1(x)))
        return attended + self.drop(self.ff(self.norm2(attended)))
