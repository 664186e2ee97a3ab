import torch
from torch import nn

from .causal_attention import CausalAttention


class MultiHeadAttentionWrapper(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        make = lambda: CausalAttention(d_in=d_in, d_out=d_out, context_length=context_length // num_heads, dropout=dropout, qkv_bias=qkv_bias)
        self.heads = nn.ModuleDict({str(h): make() for h in range(num_heads)})

    def forward(self, x):
        per_head = torch.stack([head(x) for head in self.heads.values()], dim=2)  # batch, tokens, heads, d_out
        return per_head.flatten(start_dim=2)
