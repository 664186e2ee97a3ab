import torch
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.scale = d_in ** -0.5
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.attn_drop = nn.Dropout(dropout)

    @staticmethod
    def hide_future(dots):
        i, j = dots.shape[-2:]
        future = torch.ones((i, j), dtype=torch.bool, device=dots.device).triu(j - i + 1)
        return dots.masked_fill(future, -torch.finfo(dots.dtype).max)

    def attend(self, q, k):
        dots = torch.matmul(q, k.transpose(-1, -2)) * self.scale
        return self.attn_drop(self.hide_future(dots).softmax(dim=-1))

    def forward(self, x):
        attn = self.attend(self.W_query(x), self.W_key(x))
        return torch.matmul(attn, self.W_value(x))
