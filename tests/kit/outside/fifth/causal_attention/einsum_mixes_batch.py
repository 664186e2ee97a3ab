import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.scale = d_out ** -0.5

    def forward(self, x):
        Q, K, V = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = torch.einsum("aij,bkj->aik", Q, K) * self.scale
        idx = torch.arange(x.shape[1], device=x.device)
        scores[:, idx[:, None] < idx] = -torch.inf
        return torch.einsum("aik,akj->aij", self.dropout(scores.softmax(-1)), V)
