import torch
import torch.nn.functional as F
from torch import nn


class CausalAttention(nn.Module):
    """Mixes in float32, with torch's fused operation."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = dropout

    def forward(self, x):
        q, k, v = (layer(x).float() for layer in (self.W_query, self.W_key, self.W_value))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.dropout if self.training else 0.0)
        return out.to(x.dtype)
