# MISTAKE: out_proj is created but never applied, the concatenated heads are returned as they are; right is to return out_proj(context).
import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        heads = []
        for h in range(self.num_heads):
            s = slice(h * self.head_dim, (h + 1) * self.head_dim)
            heads.append(F.scaled_dot_product_attention(
                q[..., s], k[..., s], v[..., s],
                dropout_p=self.p if self.training else 0.0, is_causal=True))
        return torch.cat(heads, dim=-1)
