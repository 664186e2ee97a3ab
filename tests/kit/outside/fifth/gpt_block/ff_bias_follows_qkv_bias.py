import torch.nn as nn
import torch.nn.functional as F
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.GELU):
    def __init__(self):
        super().__init__(approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n_embd, bias = cfg["emb_dim"], cfg["qkv_bias"]
        self.layers = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd, bias=bias),
            GELU(),
            nn.Linear(4 * n_embd, n_embd, bias=bias),
        )

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n_embd, bias, p = cfg["emb_dim"], cfg["qkv_bias"], cfg["drop_rate"]
        self.norm1 = LayerNorm(n_embd)
        self.att = MultiHeadAttention(d_in=n_embd, d_out=n_embd, context_length=cfg["context_length"], dropout=p,
                                      num_heads=cfg["n_heads"], qkv_bias=bias)
        self.norm2 = LayerNorm(n_embd)
        self.ff = FeedForward(cfg)
        self.resid_dropout = nn.Dropout(p)

    def forward(self, x):
        x = x + self.resid_dropout(self.att(self.norm1(x)))
        x = x + self.resid_dropout(self.ff(self.norm2(x)))
        return x
