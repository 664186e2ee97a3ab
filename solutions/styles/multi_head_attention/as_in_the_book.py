import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    """Written by a reader of the book: an assert, heads by `view` and `transpose`, and `contiguous` on the way back.

    A buffer of ones above the diagonal is turned into bools when it's used, the scores get minus infinity in place,
    and the softmax scales them by the width of the keys.
    """

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, f"{num_heads} heads can't share {d_out} features evenly"
        self.split = (num_heads, d_out // num_heads)
        self.register_buffer("above", torch.ones(context_length, context_length).triu_(1))
        self.dropout = nn.Dropout(dropout)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def _into_heads(self, projected):
        return projected.view(*projected.shape[:2], *self.split).transpose(1, 2)

    def _shares(self, queries, keys):
        length = keys.shape[-2]
        table = queries @ keys.transpose(2, 3)
        table.masked_fill_(self.above[:length, :length].bool(), float("-inf"))
        return self.dropout((table / keys.shape[-1] ** 0.5).softmax(dim=-1))

    def forward(self, x):
        queries, keys, values = (self._into_heads(layer(x)) for layer in (self.W_query, self.W_key, self.W_value))
        gathered = (self._shares(queries, keys) @ values).transpose(1, 2)
        return self.out_proj(gathered.contiguous().view(*x.shape[:2], -1))
