import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        root = torch.tensor(2 / torch.pi) ** 0.5
        return (x + x * torch.tanh(root * x * (1 + 0.044715 * x.square()))) / 2


class FeedForward(nn.Module):
    """Loops over texts and tokens, and adds its layers one by one."""

    def __init__(self, cfg):
        super().__init__()
        self.layers = nn.Sequential()
        width = cfg["emb_dim"] * 4
        self.layers.add_module("0", nn.Linear(in_features=cfg["emb_dim"], out_features=width, bias=True))
        self.layers.add_module("1", GELU())
        self.layers.add_module("2", nn.Linear(in_features=width, out_features=cfg["emb_dim"], bias=True))

    def forward(self, x):
        return torch.stack([torch.stack([self.layers(token) for token in text]) for text in x])


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        options = {name: cfg[name] for name in ("context_length", "qkv_bias")}
        options["num_heads"], options["dropout"] = cfg["n_heads"], cfg["drop_rate"]
        self.att = MultiHeadAttention(cfg["emb_dim"], cfg["emb_dim"], **options)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.ff = FeedForward(cfg)
        self.dropout = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        parts = [(self.norm1, self.att), (self.norm2, self.ff)]
        while parts:
            norm, part = parts.pop(0)
            x = x.add(self.dropout(part(norm(x))))
        return x
