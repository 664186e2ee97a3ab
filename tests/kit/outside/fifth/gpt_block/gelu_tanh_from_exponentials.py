import math
import torch
from torch import nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


def tanh(z):
    up, down = torch.exp(z), torch.exp(-z)
    return (up - down) / (up + down)


class GELU(nn.Module):
    def forward(self, x):
        z = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
        return 0.5 * x * (1 + tanh(z))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        sizes = (cfg["emb_dim"], 4 * cfg["emb_dim"], cfg["emb_dim"])
        self.layers = nn.ModuleDict({str(2 * i): nn.Linear(a, b) for i, (a, b) in enumerate(zip(sizes, sizes[1:]))})
        self.act = GELU()

    def forward(self, x):
        return self.layers["2"](self.act(self.layers["0"](x)))


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=d, d_out=d, context_length=cfg["context_length"], dropout=cfg["drop_rate"],
                                      num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(d), LayerNorm(d)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x = x + self.drop(self.att(self.norm1(x)))
        return x + self.drop(self.ff(self.norm2(x)))
