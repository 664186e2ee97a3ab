# MISTAKE: The projection is split as (head_dim, num_heads), so head h owns every num_heads-th row; right is contiguous heads, (num_heads, head_dim).
import torch
from torch import nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError(f"d_out={d_out} is not a multiple of num_heads={num_heads}")
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.dropout_p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def split_heads(self, t):
        b, n, _ = t.shape
        return t.reshape(b, n, self.head_dim, self.num_heads).permute(0, 3, 1, 2)

    def forward(self, x):
        q = self.split_heads(self.W_query(x))
        k = self.split_heads(self.W_key(x))
        v = self.split_heads(self.W_value(x))
        out = F.scaled_dot_product_attention(
            q, k, v, attn_mask=None, dropout_p=self.dropout_p if self.training else 0.0, is_causal=True
        )
        out = out.permute(0, 2, 3, 1).flatten(2)
        return self.out_proj(out)
