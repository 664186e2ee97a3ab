import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


class MultiHeadAttention(nn.Module):
    """Folds the heads into the batch, projects in one product, computes the weights twice, drops by hand."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads > 0:
            raise ValueError
        self.rate, self.n, self.d = dropout, num_heads, d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.register_buffer("low", torch.full((context_length, context_length), -1e4).triu(1), persistent=False)
        self.dice = torch.Generator().manual_seed(3)

    def _table(self, q, k):
        t = q.shape[1]
        return torch.softmax(torch.baddbmm(self.low[:t, :t].to(q.dtype), q, k.mT, alpha=self.d**-0.5), dim=2)

    def forward(self, x):
        b, t, _ = x.shape
        layers = (self.W_query, self.W_key, self.W_value)
        bias = None if self.W_key.bias is None else torch.cat([layer.bias for layer in layers])
        y = nn.functional.linear(x, torch.cat([layer.weight for layer in layers]), bias)
        q, k, v = y.view(b, t, 3, self.n, self.d).permute(2, 0, 3, 1, 4).reshape(3, b * self.n, t, self.d)
        w = checkpoint(self._table, q, k, use_reentrant=False)
        if self.training and self.rate:
            w = w * (torch.rand(w.shape, generator=self.dice) > self.rate) / (1 - self.rate)
        return self.out_proj(torch.bmm(w, v).view(b, self.n, t, self.d).permute(0, 2, 1, 3).flatten(2))
