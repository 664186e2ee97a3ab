import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.context_length = context_length
        self.p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.cache = None

    def heads(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = self.heads(self.W_query(x)), self.heads(self.W_key(x)), self.heads(self.W_value(x))
        if self.training:
            self.cache = None
        else:
            if t == 1 and self.cache is not None and self.cache[0].size(0) == b:
                past_k, past_v = self.cache
                k = torch.cat([past_k.to(k), k], dim=2)[:, :, -self.context_length:]
                v = torch.cat([past_v.to(v), v], dim=2)[:, :, -self.context_length:]
            self.cache = (k.detach(), v.detach())
        y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1, dropout_p=self.p if self.training else 0.0)
        return self.out_proj(y.transpose(1, 2).flatten(2))
