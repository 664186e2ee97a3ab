import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.eps = 1e-5

    def attention_weights(self, x):
        queries, keys = self.W_query(x), self.W_key(x)
        attn_scores = queries @ keys.transpose(1, 2)
        attn_weights = torch.softmax(attn_scores / keys.shape[-1] ** 0.5, dim=-1)
        mask_simple = torch.tril(torch.ones(x.shape[1], x.shape[1], device=x.device))
        masked_simple = attn_weights * mask_simple
        row_sums = masked_simple.sum(dim=-1, keepdim=True)
        return masked_simple / (row_sums + self.eps)

    def forward(self, x):
        return self.dropout(self.attention_weights(x)) @ self.W_value(x)
