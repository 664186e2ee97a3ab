# MISTAKE: Dropout is applied to the context vectors after the weighted sum; right is dropout on the attention weights.
import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.d_out = d_out
        self.dropout = nn.Dropout(dropout)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        q = self.W_query(x)
        k = self.W_key(x)
        v = self.W_value(x)
        outs = []
        for i in range(x.shape[1]):
            past_k = k[:, : i + 1]
            past_v = v[:, : i + 1]
            score = (past_k * q[:, i : i + 1]).sum(-1) / self.d_out ** 0.5
            weight = F.softmax(score, dim=-1)
            outs.append((weight.unsqueeze(-1) * past_v).sum(1))
        return self.dropout(torch.stack(outs, dim=1))
