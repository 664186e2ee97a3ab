import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention

SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
GELU_COEF = 0.44715


class GELU(nn.Module):
    def forward(self, x):
        inner = SQRT_2_OVER_PI * x * (1 + GELU_COEF * x * x)
        return x * 0.5 * (1 + inner.tanh())


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d_model = cfg["emb_dim"]
        d_ff = 4 * d_model
        self.layers = nn.Sequential(
            nn.Linear(d_model, d_ff, bias=True),
            GELU(),
            nn.Linear(d_ff, d_model, bias=True),
        )

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.d_model = cfg["emb_dim"]
        self.build_attention(cfg)
        self.build_mlp(cfg)

    def build_attention(self, cfg):
        self.norm1 = LayerNorm(self.d_model)
        self.att = MultiHeadAttention(d_in=self.d_model, d_out=self.d_model,
                                      context_length=cfg["context_length"], dropout=cfg["drop_rate"],
                                      num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.att_drop = nn.Dropout(cfg["drop_rate"])

    def build_mlp(self, cfg):
        self.norm2 = LayerNorm(self.d_model)
        self.ff = FeedForward(cfg)
        self.ff_drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x = x + self.att_drop(self.att(self.norm1(x)))
        return x + self.ff_drop(self.ff(self.norm2(x)))
