import torch
from torch import nn


class CausalAttention(nn.Module):
    """Makes all three projections in one stacked product, and computes the softmax as exp(s - logsumexp)."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.layers = [self.W_query, self.W_key, self.W_value]
        self.width = torch.sqrt(torch.tensor(float(d_out)))
        self.rate = dropout
        self.random = torch.Generator().manual_seed(7)

    def forward(self, x):
        stacked = torch.cat([layer.weight for layer in self.layers])
        biases = torch.cat([layer.bias for layer in self.layers]) if self.W_query.bias is not None else None
        q, k, v = nn.functional.linear(x, stacked, biases).chunk(3, dim=-1)
        scores = torch.baddbmm(torch.zeros(1, 1, 1, dtype=x.dtype), q, k.transpose(-2, -1), beta=0)
        scores = scores / self.width.to(x.dtype)
        visible = torch.ones(x.shape[1], x.shape[1]).tril() == 1
        scores = torch.where(visible, scores, torch.tensor(float("-inf"), dtype=x.dtype))
        weights = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
        if self.training and self.rate > 0:
            draw = torch.rand(weights.shape, generator=self.random)
            weights = weights * (draw >= self.rate) / (1 - self.rate)
        return weights @ v
