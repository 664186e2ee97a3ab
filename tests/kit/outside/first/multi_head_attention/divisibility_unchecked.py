# MISTAKE: It is not checked that d_out is divisible by num_heads, so construction with e.g. d_out=10 and num_heads=3 passes; right is to raise at construction.
import math
import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        mask = torch.tril(torch.ones(context_length, context_length))
        self.register_buffer("mask", mask)

    def forward(self, x):
        n = x.size(1)
        queries = self.W_query(x).split(self.head_dim, dim=-1)
        keys = self.W_key(x).split(self.head_dim, dim=-1)
        values = self.W_value(x).split(self.head_dim, dim=-1)
        heads = []
        for q, k, v in zip(queries, keys, values):
            score = q @ k.transpose(1, 2) / math.sqrt(self.head_dim)
            score = score.masked_fill(self.mask[:n, :n] == 0, -1e9)
            weight = F.softmax(score, dim=-1)
            weight = F.dropout(weight, p=self.p, training=self.training)
            heads.append(weight @ v)
        return self.out_proj(torch.cat(heads, dim=-1))
