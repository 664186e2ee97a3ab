import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_softmax(scores):
    t = scores.shape[-1]
    keep = torch.tril(torch.ones(t, t, dtype=torch.bool, device=scores.device))
    scores = scores - scores.amax(dim=-1, keepdim=True)
    e = scores.exp() * keep
    return e / e.sum(-1, keepdim=True)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.dropout = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        b, t, _ = x.shape
        q = self.W_query(x).view(b, t, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.W_key(x).view(b, t, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.W_value(x).view(b, t, self.num_heads, self.head_dim).transpose(1, 2)
        w = causal_softmax(q @ k.transpose(-2, -1) / self.head_dim ** 0.5)
        w = F.dropout(w, p=self.dropout)
        return self.out_proj((w @ v).transpose(1, 2).reshape(b, t, -1))
