"""A stand-in for `gpt_block`: torch's own layer decides what is done when; attention and norms are the parts' own."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.GELU):
    def __init__(self) -> None:
        super().__init__("tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg: Mapping[str, Any]) -> None:
        super().__init__()
        width = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(width, 4 * width), GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.layers(x)
        return output


class TransformerBlock(nn.TransformerEncoderLayer):
    def __init__(self, cfg: Mapping[str, Any]) -> None:
        width, dropout = cfg["emb_dim"], cfg["drop_rate"]
        super().__init__(width, 1, 4 * width, dropout, batch_first=True, norm_first=True)
        for name in ("self_attn", "linear1", "linear2", "dropout"):
            delattr(self, name)
        # Torch looks here whether it may take a short cut past the parts; it may not.
        self.self_attn = SimpleNamespace(batch_first=False)
        self.att = MultiHeadAttention(
            d_in=width,
            d_out=width,
            context_length=cfg["context_length"],
            dropout=dropout,
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(emb_dim=width), LayerNorm(emb_dim=width)

    def _sa_block(self, x: torch.Tensor, *masks: object, **options: object) -> torch.Tensor:
        return self.dropout1(self.att(x))

    def _ff_block(self, x: torch.Tensor) -> torch.Tensor:
        return self.dropout2(self.ff(x))
