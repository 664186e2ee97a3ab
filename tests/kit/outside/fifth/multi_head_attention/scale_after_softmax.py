import math
import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super(MultiHeadAttention, self).__init__()
        assert d_out % num_heads == 0
        self.num_heads = num_heads
        self.head_dim = int(d_out / num_heads)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.attn_dropout = nn.Dropout(dropout)

    def split_heads(self, t):
        batch, tokens, _ = t.size()
        return t.view(batch, tokens, self.num_heads, self.head_dim).permute(0, 2, 1, 3)

    def merge_heads(self, t):
        batch, _, tokens, _ = t.size()
        return t.permute(0, 2, 1, 3).reshape(batch, tokens, self.num_heads * self.head_dim)

    def attention(self, q, k, v):
        scores = torch.matmul(q, k.transpose(-2, -1))
        n = q.size(-2)
        look_ahead = torch.triu(torch.full((n, n), -1e9, dtype=q.dtype, device=q.device), diagonal=1)
        weights = F.softmax(scores + look_ahead, dim=-1) / math.sqrt(self.head_dim)
        weights = self.attn_dropout(weights)
        return torch.matmul(weights, v)

    def forward(self, x):
        q = self.split_heads(self.W_query(x))
        k = self.split_heads(self.W_key(x))
        v = self.split_heads(self.W_value(x))
        return self.out_proj(self.merge_heads(self.attention(q, k, v)))
