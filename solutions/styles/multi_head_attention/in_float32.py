import torch
import torch.nn.functional as F
from torch import nn


class MultiHeadAttention(nn.Module):
    """Computes everything in float32, and returns the dtype that came in."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "d_out must be divisible by num_heads"
        self.heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        def single(layer, y):
            return F.linear(y, layer.weight.float(), None if layer.bias is None else layer.bias.float())

        wide = x.float()
        batch, tokens, _ = wide.shape
        queries, keys, values = (
            single(layer, wide).view(batch, tokens, self.heads, -1).transpose(1, 2)
            for layer in (self.W_query, self.W_key, self.W_value)
        )
        scores = queries @ keys.transpose(2, 3) / keys.shape[-1] ** 0.5
        later = torch.ones(tokens, tokens, dtype=torch.bool, device=x.device).triu(1)
        weights = self.dropout(scores.masked_fill(later, float("-inf")).softmax(dim=-1))
        context = (weights @ values).transpose(1, 2).reshape(batch, tokens, -1)
        return single(self.out_proj, context).to(x.dtype)
