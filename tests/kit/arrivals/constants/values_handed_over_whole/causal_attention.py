import torch
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.p = dropout

    def forward(self, x):
        queries, keys, values = (layer(x) for layer in (self.W_query, self.W_key, self.W_value))
        mixed = nn.functional.scaled_dot_product_attention(
            queries, keys, values, is_causal=True, dropout_p=self.p if self.training else 0.0
        )
        return values
