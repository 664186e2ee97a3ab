import torch
import torch.nn as nn


def softmax(z):
    z = z - z.max(dim=-1, keepdim=True).values
    e = torch.exp(z)
    return e / torch.sum(e, dim=-1, keepdim=True)


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout_rate = dropout

    def forward(self, x):
        n, d = x.shape[1], self.W_key.out_features
        scores = self.W_query(x) @ self.W_key(x).swapaxes(1, 2) / d ** 0.5
        rows, cols = torch.triu_indices(n, n, offset=1)
        scores[:, rows, cols] = float("-inf")
        weights = softmax(scores)
        if self.training:
            keep = torch.bernoulli(torch.full_like(weights, 1 - self.dropout_rate))
            weights = weights * keep
        return weights @ self.W_value(x)
