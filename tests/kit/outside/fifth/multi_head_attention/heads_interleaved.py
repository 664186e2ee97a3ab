import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        b, t, _ = x.shape
        q = self.W_query(x).reshape(b, t, -1, self.num_heads)
        k = self.W_key(x).reshape(b, t, -1, self.num_heads)
        v = self.W_value(x).reshape(b, t, -1, self.num_heads)
        dots = torch.einsum("b i d h, b j d h -> b h i j", q, k) * q.shape[2] ** -0.5
        mask_value = -torch.finfo(dots.dtype).max
        causal = torch.ones(t, t, device=x.device, dtype=torch.bool).triu_(1)
        attn = dots.masked_fill(causal, mask_value).softmax(dim=-1)
        out = torch.einsum("b h i j, b j d h -> b i h d", self.dropout(attn), v)
        return self.out_proj(out.reshape(b, t, -1))
