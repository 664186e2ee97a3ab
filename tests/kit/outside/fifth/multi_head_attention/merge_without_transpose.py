import torch
from torch import nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert not d_out % num_heads
        self.num_heads = num_heads
        self.dropout = dropout
        self.d_out = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        bs, n, _ = x.shape
        parts = []
        for proj in [self.W_query, self.W_key, self.W_value]:
            parts.append(proj(x).view(bs, n, self.num_heads, self.d_out // self.num_heads).transpose(1, 2))
        p = self.dropout if self.training else 0.0
        z = F.scaled_dot_product_attention(*parts, dropout_p=p, is_causal=True)
        z = z.reshape(bs, n, self.d_out)
        return self.out_proj(z)
