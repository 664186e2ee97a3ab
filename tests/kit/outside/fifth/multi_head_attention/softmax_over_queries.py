import math
import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("bad number of heads")
        self.num_heads = num_heads
        self.d_head = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.softmax = nn.Softmax(dim=2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        n, s, _ = x.shape
        q = self.W_query(x).view(n, s, self.num_heads, self.d_head).transpose(1, 2)
        k = self.W_key(x).view(n, s, self.num_heads, self.d_head).transpose(1, 2)
        v = self.W_value(x).view(n, s, self.num_heads, self.d_head).transpose(1, 2)
        i = torch.arange(s, device=x.device)
        visible = i.unsqueeze(1) >= i.unsqueeze(0)
        a = torch.einsum("nhid,nhjd->nhij", q, k) / math.sqrt(self.d_head)
        a = torch.where(visible, a, torch.full_like(a, -1e9))
        a = self.dropout(self.softmax(a))
        c = torch.einsum("nhij,nhjd->nihd", a, v)
        return self.out_proj(c.reshape(n, s, self.num_heads * self.d_head))
