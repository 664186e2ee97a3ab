import torch
from torch import nn

NAMES = ("W_query", "W_key", "W_value")


def softmax_naive(x: torch.Tensor) -> torch.Tensor:
    powers = x.float().exp_()
    return powers.div_(powers.sum()).to(x.dtype)


class Attention(nn.Module):
    """Computes the weights in float32, and scales the queries in place of the scores."""

    def __init__(self, d_in, d_out):
        super().__init__()
        self.scale = torch.tensor(d_out).rsqrt()

    def mix(self, q, k, v):
        scores = (q * self.scale.to(q.dtype)).matmul(k.transpose(-2, -1))
        return torch.softmax(scores, dim=-1, dtype=torch.float32).to(v.dtype).matmul(v)


class SelfAttention_v1(Attention):
    def __init__(self, d_in, d_out):
        super().__init__(d_in, d_out)
        for name in NAMES:
            self.register_parameter(name, nn.Parameter(torch.nn.init.normal_(torch.empty(d_in, d_out), std=0.02)))

    def forward(self, x):
        return self.mix(*(x.matmul(self.get_parameter(name)) for name in NAMES))


class SelfAttention_v2(Attention):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__(d_in, d_out)
        for name in NAMES:
            self.add_module(name, nn.Linear(d_in, d_out, bias=qkv_bias))

    def forward(self, x):
        return self.mix(*(self.get_submodule(name)(x) for name in NAMES))
