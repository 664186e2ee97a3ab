import torch
from torch import nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def __init__(self):
        super().__init__()
        self.alpha = 1.702

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.alpha * x)


class FeedForward(nn.Module):
    def __init__(self, cfg: dict):
        super().__init__()
        self.layers = nn.ModuleList()
        self.layers.append(nn.Linear(cfg["emb_dim"], cfg["emb_dim"] * 4))
        self.layers.append(GELU())
        self.layers.append(nn.Linear(cfg["emb_dim"] * 4, cfg["emb_dim"]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        up, act, down = self.layers
        return down(act(up(x)))


class TransformerBlock(nn.Module):
    def __init__(self, cfg: dict):
        super().__init__()
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.ff = FeedForward(cfg)
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"], d_out=cfg["emb_dim"], num_heads=cfg["n_heads"],
            context_length=cfg["context_length"], dropout=cfg["drop_rate"], qkv_bias=cfg["qkv_bias"])
        self.resid_drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for norm, sub in [(self.norm1, self.att), (self.norm2, self.ff)]:
            x = x + self.resid_drop(sub(norm(x)))
        return x
