import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        h = x.float()
        inner = torch.tensor(2.0 / torch.pi).sqrt() * (h + 0.044715 * h.pow(3))
        return (0.5 * h * (1 + torch.tanh(inner))).type_as(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]), GELU(), nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"])
        )

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    """Keeps the stream of shortcuts in float32."""

    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"], d_out=cfg["emb_dim"], context_length=cfg["context_length"],
            num_heads=cfg["n_heads"], dropout=cfg["drop_rate"], qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        dtype = x.dtype
        stream = x.float()
        stream = stream + self.drop(self.att(self.norm1(stream.to(dtype)))).float()
        stream = stream + self.drop(self.ff(self.norm2(stream.to(dtype)))).float()
        return stream.to(dtype)
