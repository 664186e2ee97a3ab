import torch
import torch.nn as nn
import torch.nn.functional as F


def make_mask(size):
    mask = torch.zeros(size, size)
    for row in range(size):
        for col in range(size):
            if col < row:
                mask[row, col] = 1
    return mask


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out is not divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("look_ahead_mask", make_mask(context_length))

    def forward(self, x):
        batch_size = x.shape[0]
        seq_len = x.shape[1]
        query = self.W_query(x)
        key = self.W_key(x)
        value = self.W_value(x)
        query = query.reshape(batch_size, seq_len, self.num_heads, self.head_dim)
        key = key.reshape(batch_size, seq_len, self.num_heads, self.head_dim)
        value = value.reshape(batch_size, seq_len, self.num_heads, self.head_dim)
        query = query.permute(0, 2, 1, 3)
        key = key.permute(0, 2, 3, 1)
        value = value.permute(0, 2, 1, 3)
        scores = torch.matmul(query, key)
        scores = scores / (self.head_dim ** 0.5)
        scores = scores + self.look_ahead_mask[:seq_len, :seq_len] * -1e9
        probs = F.softmax(scores, dim=-1)
        probs = self.dropout(probs)
        out = torch.matmul(probs, value)
        out = out.permute(0, 2, 1, 3)
        out = out.reshape(batch_size, seq_len, self.num_heads * self.head_dim)
        out = self.out_proj(out)
        return out
