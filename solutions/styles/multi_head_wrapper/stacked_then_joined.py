import torch
from torch import nn

from .causal_attention import CausalAttention


class MultiHeadAttentionWrapper(nn.Module):
    """Stacks the heads next to the last dimension and flattens both; `heads` is a Sequential that is never called."""

    def __init__(self, *, num_heads, qkv_bias=False, **options):
        super().__init__()
        self.heads = nn.Sequential(*(CausalAttention(qkv_bias=qkv_bias, **options) for _ in range(num_heads)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([head.forward(x) for head in self.heads.children()], dim=-2).flatten(start_dim=-2)
