"""A small model with the parts of a GPT, for exercises that change a model or ask one about whole texts."""

from __future__ import annotations

import torch
from torch import nn


class Norm(nn.Module):
    """Normalize each row, then scale and shift it."""

    def __init__(self, emb_dim: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.layer_norm(x, x.shape[-1:], self.scale, self.shift)


class Block(nn.Module):
    """Add to each token what a layer makes of the mean of all tokens up to it: `norm1` comes before it, `mix` is it."""

    def __init__(self, emb_dim: int) -> None:
        super().__init__()
        self.norm1 = Norm(emb_dim)
        self.mix = nn.Linear(emb_dim, emb_dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        counts = torch.arange(1, x.shape[1] + 1, dtype=x.dtype, device=x.device)
        means = self.norm1(x).cumsum(dim=1) / counts[:, None]
        mixed: torch.Tensor = x + torch.tanh(self.mix(means))
        return mixed
