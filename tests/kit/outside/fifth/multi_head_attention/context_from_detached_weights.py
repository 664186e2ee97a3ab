import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.last_weights = None  # for plots

    def forward(self, x):
        b, t, _ = x.shape
        q = self.W_query(x).view(b, t, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.W_key(x).view(b, t, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.W_value(x).view(b, t, self.num_heads, self.head_dim).transpose(1, 2)
        future = torch.arange(t, device=x.device).view(1, -1) > torch.arange(t, device=x.device).view(-1, 1)
        scores = torch.where(future, -torch.inf, q @ k.transpose(2, 3) * self.head_dim ** -0.5)
        self.last_weights = torch.softmax(scores, dim=-1).detach()
        context = self.dropout(self.last_weights) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2))
