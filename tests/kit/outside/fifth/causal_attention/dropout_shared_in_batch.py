import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.scale = d_out ** 0.5

    def attend(self, q, k, v, keep):
        scores = (q @ k.t()) / self.scale
        scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), torch.finfo(scores.dtype).min)
        return (scores.softmax(dim=-1) * keep) @ v

    def forward(self, x):
        n = x.shape[1]
        keep = self.dropout(torch.ones(n, n, dtype=x.dtype, device=x.device))
        out = []
        for sample in x.unbind(0):
            q, k, v = self.W_query(sample), self.W_key(sample), self.W_value(sample)
            out.append(self.attend(q, k, v, keep))
        return torch.stack(out, 0)
