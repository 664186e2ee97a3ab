import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


class CausalAttention(nn.Module):
    """Adds an oversized mask of -1e4, recomputes the weights in the backward pass, and uses vmap over the texts."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.attention_dropout = nn.Dropout(p=dropout, inplace=True)
        self.register_buffer("bias_table", torch.full((2 * context_length, 2 * context_length), -1e4).triu_(1))

    def _weights(self, q, k):
        n, d = q.shape[-2:]
        table = torch.vmap(lambda a, b: a @ b.T)(q, k) / d**0.5
        return torch.softmax(table + self.bias_table[:n, :n], dim=-1)

    def forward(self, x: torch.Tensor):
        q, k, v = (layer(x) for layer in (self.W_query, self.W_key, self.W_value))
        w = checkpoint(self._weights, q, k, use_reentrant=False)
        return self.attention_dropout(w.clone()).matmul(v)
