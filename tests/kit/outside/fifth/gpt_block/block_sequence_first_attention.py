import torch.nn as nn
import torch.nn.functional as F
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d_model = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(d_model, 4 * d_model), GELU(), nn.Linear(4 * d_model, d_model))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d_model = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=d_model, d_out=d_model, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(d_model)
        self.norm2 = LayerNorm(d_model)
        self.dropout = nn.Dropout(cfg["drop_rate"])

    def self_attention(self, x):
        x = x.permute(1, 0, 2)
        x = self.att(x)
        return x.permute(1, 0, 2)

    def forward(self, x):
        x = x + self.dropout(self.self_attention(self.norm1(x)))
        x = x + self.dropout(self.ff(self.norm2(x)))
        return x
