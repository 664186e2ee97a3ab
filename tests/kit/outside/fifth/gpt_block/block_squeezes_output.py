import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


class GELU(nn.Module):
    def forward(self, x):
        return gelu_tanh(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        e = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(e, 4 * e), GELU(), nn.Linear(4 * e, e))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        e = cfg["emb_dim"]
        self.norm1 = LayerNorm(e)
        self.norm2 = LayerNorm(e)
        self.att = MultiHeadAttention(d_in=e, d_out=e, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        branches = [x]
        branches.append(self.drop(self.att(self.norm1(x))))
        middle = torch.stack(branches).sum(dim=0)
        branches = [middle]
        branches.append(self.drop(self.ff(self.norm2(middle))))
        return torch.stack(branches).sum(dim=0, keepdim=True).squeeze()
