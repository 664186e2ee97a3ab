import torch
from torch import nn


class CausalAttention(nn.Module):
    """Written by a reader of the book: a buffer of ones above the diagonal, turned into bools when it's used.

    The scores get minus infinity in place, and the softmax scales them by the width of the keys.
    """

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        above = torch.ones(context_length, context_length).triu_(1)
        self.register_buffer("above", above)
        self.dropout = nn.Dropout(dropout)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)

    def _hide_later(self, table):
        length = table.shape[-1]
        table.masked_fill_(self.above[:length, :length].bool(), float("-inf"))

    def forward(self, x):
        keys = self.W_key(x)
        table = self.W_query(x) @ keys.transpose(-2, -1)
        self._hide_later(table)
        shares = (table / keys.shape[-1] ** 0.5).softmax(dim=-1)
        return self.dropout(shares) @ self.W_value(x)
