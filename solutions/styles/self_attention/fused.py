import torch
import torch.nn.functional as F
from torch import nn


def softmax_naive(x):
    return F.softmax(x, dim=0)


class SelfAttention_v2(nn.Module):
    """Uses torch's fused operation."""

    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def project(self, x):
        return self.W_query(x), self.W_key(x), self.W_value(x)

    def forward(self, x):
        return F.scaled_dot_product_attention(*(part.unsqueeze(0) for part in self.project(x))).squeeze(0)


class SelfAttention_v1(SelfAttention_v2):
    """Differs from the second version in its projections only."""

    def __init__(self, d_in, d_out):
        nn.Module.__init__(self)
        self.W_query = nn.Parameter(torch.rand(d_in, d_out))
        self.W_key = nn.Parameter(torch.rand(d_in, d_out))
        self.W_value = nn.Parameter(torch.rand(d_in, d_out))

    def project(self, x):
        return torch.matmul(x, torch.stack([self.W_query, self.W_key, self.W_value])).unbind()
