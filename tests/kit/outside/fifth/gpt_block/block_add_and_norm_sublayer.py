from torch import nn
import torch.nn.functional as F
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    "Implements the FFN equation."

    def __init__(self, cfg):
        super().__init__()
        d_model = cfg["emb_dim"]
        d_ff = d_model * 4
        self.layers = nn.Sequential(nn.Linear(d_model, d_ff), GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return self.layers(x)


def sublayer_connection(x, sublayer, norm, dropout):
    "A sublayer with its residual connection."
    return norm(x + dropout(sublayer(x)))


class TransformerBlock(nn.Module):
    "Self-attention and feed forward."

    def __init__(self, cfg):
        super().__init__()
        d_model = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=d_model, d_out=d_model, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(d_model)
        self.norm2 = LayerNorm(d_model)
        self.dropout = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x = sublayer_connection(x, self.att, self.norm1, self.dropout)
        return sublayer_connection(x, self.ff, self.norm2, self.dropout)
