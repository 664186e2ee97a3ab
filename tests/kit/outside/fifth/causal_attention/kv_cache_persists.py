import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.context_length = context_length
        self.dropout = dropout
        self.past = None

    def reset(self):
        self.past = None

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        if not self.training:
            if self.past is not None and self.past[0].shape[0] == k.shape[0] and self.past[0].dtype == k.dtype:
                k = torch.cat([self.past[0], k], dim=1)[:, -self.context_length:]
                v = torch.cat([self.past[1], v], dim=1)[:, -self.context_length:]
            self.past = (k.detach(), v.detach())
        t, s = q.shape[1], k.shape[1]
        visible = torch.ones(t, s, dtype=torch.bool, device=x.device).tril(s - t)
        return F.scaled_dot_product_attention(
            q, k, v, attn_mask=visible, dropout_p=self.dropout if self.training else 0.0
        )
