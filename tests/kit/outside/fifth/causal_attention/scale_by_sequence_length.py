import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x):
        K = self.W_key(x)
        Q = self.W_query(x)
        V = self.W_value(x)
        d_k = K.shape[1]
        simple_mask = torch.tril(torch.ones(x.shape[1], x.shape[1])).to(x.device)
        omega = Q @ K.transpose(-2, -1) / d_k**0.5
        omega = omega.masked_fill(simple_mask == 0, float('-inf'))
        alpha = self.dropout(self.softmax(omega))
        Z = alpha @ V
        return Z
