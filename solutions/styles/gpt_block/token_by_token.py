import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return 0.5 * x * (1 + torch.tanh(torch.sqrt(torch.tensor(2.0 / torch.pi)) * (x + 0.044715 * torch.pow(x, 3))))


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
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"],
            d_out=cfg["emb_dim"],
            context_length=cfg["context_length"],
            num_heads=cfg["n_heads"],
            dropout=cfg["drop_rate"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        shortcut = x
        x = self.norm1(x)
        x = self.att(x)
        x = self.drop_shortcut(x)
        x = x + shortcut

        shortcut = x
        x = self.norm2(x)
        x = self.ff(x)
        x = self.drop_shortcut(x)
        x = x + shortcut

        return x
