import torch
from torch import nn

from .causal_attention import CausalAttention


def build_heads(n, **options):
    for _ in range(n):
        yield CausalAttention(**options)


class MultiHeadAttentionWrapper(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.heads = nn.Sequential(*build_heads(
            num_heads, d_in=d_in, d_out=d_out // num_heads, context_length=context_length, dropout=dropout, qkv_bias=qkv_bias))

    def forward(self, x):
        outputs = list(map(lambda head: head(x), self.heads))
        return torch.concat(outputs, -1)
