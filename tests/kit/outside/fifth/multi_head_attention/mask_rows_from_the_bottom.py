import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be a multiple of num_heads")
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        bias = torch.full((context_length, context_length), float("-inf")).triu(1)
        self.register_buffer("bias", bias.view(1, 1, context_length, context_length))

    def heads(self, linear, x):
        return linear(x).unflatten(2, (self.num_heads, self.head_dim)).movedim(2, 1)

    def forward(self, x):
        q, k, v = self.heads(self.W_query, x), self.heads(self.W_key, x), self.heads(self.W_value, x)
        nq, nk = q.size(-2), k.size(-2)
        att = q @ k.transpose(-1, -2) / self.head_dim ** 0.5
        att = att + self.bias[:, :, -nq:, :nk]
        att = self.dropout(att.softmax(dim=-1))
        return self.out_proj((att @ v).movedim(1, 2).flatten(2))
