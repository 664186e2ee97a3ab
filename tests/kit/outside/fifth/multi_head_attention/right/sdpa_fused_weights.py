import torch
from torch import nn
from torch.nn import functional as F


class MultiHeadAttention(nn.Module):
    """One big matmul for q, k and v, then the fused kernel."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"{d_out=} cannot be split into {num_heads} heads")
        self.n, self.p = num_heads, dropout
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.out_proj = nn.Linear(d_out, d_out)

    def _qkv(self, x):
        layers = (self.W_query, self.W_key, self.W_value)
        weight = torch.cat([l.weight for l in layers])
        bias = torch.cat([l.bias for l in layers]) if self.W_query.bias is not None else None
        y = F.linear(x, weight, bias)
        y = y.unflatten(-1, (3, self.n, -1))
        return y.permute(2, 0, 3, 1, 4)

    def forward(self, x):
        q, k, v = self._qkv(x)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.p if self.training else 0.0)
        return self.out_proj(y.transpose(1, 2).flatten(2))
