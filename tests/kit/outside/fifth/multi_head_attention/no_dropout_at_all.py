from math import sqrt

import torch
from torch import nn, Tensor


class MultiHeadAttention(nn.Module):
    """Causal multi-head attention, heads folded into the batch."""

    def __init__(self, d_in: int, d_out: int, context_length: int, dropout: float,
                 num_heads: int, qkv_bias: bool = False) -> None:
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"d_out ({d_out}) is not a multiple of num_heads ({num_heads})")
        self.context_length = context_length
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def fold(self, t: Tensor) -> Tensor:
        b, n, _ = t.shape
        return t.view(b, n, self.num_heads, self.head_dim).transpose(1, 2).flatten(0, 1)

    def unfold(self, t: Tensor, b: int) -> Tensor:
        return t.unflatten(0, (b, self.num_heads)).transpose(1, 2).flatten(2)

    def forward(self, x: Tensor) -> Tensor:
        b, n, _ = x.shape
        assert n <= self.context_length
        q, k, v = map(self.fold, (self.W_query(x), self.W_key(x), self.W_value(x)))
        block = torch.full((n, n), float("-inf"), dtype=q.dtype, device=q.device).triu(1)
        scores = torch.baddbmm(block.expand(q.size(0), n, n), q, k.mT, alpha=1 / sqrt(self.head_dim))
        weights = scores.softmax(dim=-1)
        return self.out_proj(self.unfold(weights @ v, b))
