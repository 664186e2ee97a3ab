import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = dropout
        causal = torch.ones(context_length, context_length).triu(1).bool()
        self.register_buffer("attn_mask", causal, persistent=False)

    def forward(self, x):
        n = x.size(1)
        out = F.scaled_dot_product_attention(
            query=self.W_query(x),
            key=self.W_key(x),
            value=self.W_value(x),
            attn_mask=self.attn_mask[:n, :n],
            dropout_p=self.dropout if self.training else 0.0,
        )
        return out
