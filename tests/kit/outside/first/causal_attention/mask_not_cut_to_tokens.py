# MISTAKE: The context_length x context_length mask is used whole, which raises for fewer tokens than context_length; right is to slice it to [:num_tokens, :num_tokens].
import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.d_k = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        bias = torch.zeros(context_length, context_length)
        bias[torch.triu(torch.ones_like(bias), 1) == 1] = float("-inf")
        self.register_buffer("bias_mask", bias)

    def forward(self, x):
        q = self.W_query(x)
        k = self.W_key(x)
        v = self.W_value(x)
        logits = torch.matmul(q, k.mT) / self.d_k ** 0.5
        logits = logits + self.bias_mask
        attn = self.dropout(F.softmax(logits, dim=-1))
        return torch.matmul(attn, v)
