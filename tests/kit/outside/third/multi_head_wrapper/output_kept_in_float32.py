from __future__ import annotations

import torch
from torch import Tensor, nn

from . import causal_attention as ca


class MultiHeadAttentionWrapper(nn.Module):
    heads: nn.ModuleList

    def __init__(
        self,
        d_in: int,
        d_out: int,
        context_length: int,
        dropout: float,
        num_heads: int,
        qkv_bias: bool = False,
    ) -> None:
        super().__init__()
        self.d_out = d_out
        options = dict(d_in=d_in, d_out=d_out, context_length=context_length, dropout=dropout, qkv_bias=qkv_bias)
        self.heads = nn.ModuleList()
        for _ in range(num_heads):
            self.heads.append(ca.CausalAttention(**options))

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, _ = x.shape
        out = torch.zeros((batch, tokens, len(self.heads) * self.d_out), dtype=torch.float32, device=x.device)
        for h, head in enumerate(self.heads):
            out[..., h * self.d_out:(h + 1) * self.d_out] = head(x)
        return out
