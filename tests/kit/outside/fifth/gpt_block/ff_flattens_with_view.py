import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        u = math.sqrt(2.0 / math.pi) * torch.addcmul(x, x * x, x, value=0.044715)
        return 0.5 * x * (1.0 + torch.tanh(u))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        c = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(c, 4 * c), GELU(), nn.Linear(4 * c, c))

    def forward(self, x):
        shape = x.shape
        rows = x.view(-1, shape[-1])
        fc, act, proj = self.layers
        h = act(torch.addmm(fc.bias, rows, fc.weight.t()))
        out = torch.addmm(proj.bias, h, proj.weight.t())
        return out.view(shape)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        c = cfg["emb_dim"]
        self.norm1 = LayerNorm(c)
        self.att = MultiHeadAttention(d_in=c, d_out=c, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.norm2 = LayerNorm(c)
        self.ff = FeedForward(cfg)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x = x + self.drop(self.att(self.norm1(x)))
        x = x + self.drop(self.ff(self.norm2(x).contiguous()))
        return x
