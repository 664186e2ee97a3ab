import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        return nn.functional.gelu(x, approximate='tanh')


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = [
            nn.Linear(cfg['emb_dim'], 4 * cfg['emb_dim']),
            GELU(),
            nn.Linear(4 * cfg['emb_dim'], cfg['emb_dim']),
        ]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(d_in=cfg['emb_dim'], d_out=cfg['emb_dim'],
                                      context_length=cfg['context_length'], num_heads=cfg['n_heads'],
                                      dropout=cfg['drop_rate'], qkv_bias=cfg['qkv_bias'])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg['emb_dim'])
        self.norm2 = LayerNorm(cfg['emb_dim'])
        self.dropout = nn.Dropout(cfg['drop_rate'])

    def forward(self, x):
        x = torch.add(x, self.dropout(self.att(self.norm1(x))))
        x = torch.add(x, self.dropout(self.ff(self.norm2(x))))
        return x
