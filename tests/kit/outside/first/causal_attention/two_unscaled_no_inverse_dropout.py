# MISTAKE: The scores are not scaled; right is 1/sqrt(d_out).
# MISTAKE: The hand-written dropout zeroes weights but does not divide the kept ones by 1 - p; right is to divide by 1 - p.
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.dropout_p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        n = x.shape[1]
        scores = self.W_query(x) @ self.W_key(x).transpose(1, 2)
        future = torch.arange(n, device=x.device)[None, :] > torch.arange(n, device=x.device)[:, None]
        scores = scores.masked_fill(future, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if self.training:
            keep = torch.rand_like(weights) >= self.dropout_p
            weights = weights * keep
        return weights @ self.W_value(x)
