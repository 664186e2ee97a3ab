import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.H = num_heads
        self.D = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("future", torch.ones(context_length, context_length, dtype=torch.bool).triu(1))

    def forward(self, x):
        B, T, _ = x.shape
        q = self.W_query(x).view(B, T, self.H, self.D)
        k = self.W_key(x).view(B, T, self.H, self.D)
        v = self.W_value(x).view(B, T, self.H, self.D)
        keep = self.dropout(torch.ones(B, T, T, dtype=v.dtype, device=v.device))
        context = torch.empty_like(v)
        for h in range(self.H):
            scores = q[:, :, h] @ k[:, :, h].transpose(1, 2) / self.D ** 0.5
            scores = scores.masked_fill(self.future[:T, :T], float("-inf"))
            weights = torch.softmax(scores, dim=-1) * keep
            context[:, :, h] = weights @ v[:, :, h]
        return self.out_proj(context.view(B, T, self.H * self.D))
