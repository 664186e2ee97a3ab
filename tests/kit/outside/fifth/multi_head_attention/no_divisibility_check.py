import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    @staticmethod
    def causal_mask(n, device):
        idx = torch.arange(n, device=device)
        return idx.view(1, n) > idx.view(n, 1)

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = [layer(x).view(b, n, self.num_heads, self.head_dim) for layer in (self.W_query, self.W_key, self.W_value)]
        logits = torch.einsum("bihd,bjhd->bijh", q, k) / self.head_dim ** 0.5
        logits = logits.masked_fill(self.causal_mask(n, x.device).unsqueeze(-1), torch.finfo(logits.dtype).min)
        weights = self.dropout(torch.softmax(logits, dim=2))
        mixed = torch.einsum("bijh,bjhd->bihd", weights, v)
        return self.out_proj(mixed.flatten(2))
