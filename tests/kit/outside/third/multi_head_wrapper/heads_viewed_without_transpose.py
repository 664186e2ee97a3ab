import torch
import torch.nn as nn

from .causal_attention import CausalAttention


class MultiHeadAttentionWrapper(nn.Module):
    """num_heads independent causal attentions side by side."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.num_heads = num_heads
        self.d_out = d_out
        for_each = range(num_heads)
        self.heads = nn.ModuleList([CausalAttention(d_in, d_out, context_length, dropout, qkv_bias) for _ in for_each])

    def forward(self, x):
        b, num_tokens, _ = x.shape
        contexts = torch.stack([h(x) for h in self.heads])
        return contexts.view(b, num_tokens, self.num_heads * self.d_out)
