import torch.nn.functional as F
from torch import nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.layers = nn.ModuleList([nn.Linear(d, 4 * d), nn.Identity(), nn.Linear(4 * d, d)])

    def forward(self, x):
        return self.layers[2](F.gelu(self.layers[0](x), approximate="tanh"))


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.drop_rate = cfg["drop_rate"]
        self.att = MultiHeadAttention(d_in=d, d_out=d, context_length=cfg["context_length"],
                                      dropout=self.drop_rate, num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(d)
        self.norm2 = LayerNorm(d)

    def forward(self, x):
        x = x + F.dropout(self.att(self.norm1(x)), self.drop_rate)
        x = x + F.dropout(self.ff(self.norm2(x)), self.drop_rate)
        return x
