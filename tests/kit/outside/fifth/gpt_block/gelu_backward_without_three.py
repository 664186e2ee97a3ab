import math
import torch
import torch.nn as nn
from torch.autograd import Function
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GeluFn(Function):
    @staticmethod
    def forward(ctx, x):
        k = math.sqrt(2 / math.pi)
        th = torch.tanh(k * (x + 0.044715 * x ** 3))
        ctx.save_for_backward(x, th)
        return 0.5 * x * (1 + th)

    @staticmethod
    def backward(ctx, g):
        x, th = ctx.saved_tensors
        k = math.sqrt(2 / math.pi)
        left = 0.5 * (1 + th)
        right = 0.5 * x * (1 - th ** 2) * k * (1 + 0.044715 * x ** 2)
        return g * (left + right)


class GELU(nn.Module):
    def forward(self, x):
        return GeluFn.apply(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]), GELU(), nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"]))

    def forward(self, x):
        return self.layers.forward(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        D = cfg["emb_dim"]
        self.norm1 = LayerNorm(D)
        self.att = MultiHeadAttention(d_in=D, d_out=D, context_length=cfg["context_length"], dropout=cfg["drop_rate"],
                                      num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.norm2 = LayerNorm(D)
        self.ff = FeedForward(cfg)
        self.dropout = nn.Dropout(p=cfg["drop_rate"])

    def forward(self, x):
        att_out = self.dropout(self.att(self.norm1(x)))
        x = att_out + x
        ff_out = self.dropout(self.ff(self.norm2(x)))
        return ff_out + x
