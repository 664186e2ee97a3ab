import torch
import torch.nn.functional as F
from torch import Tensor, nn


def softmax_naive(x: Tensor) -> Tensor:
    e = (x - x.max()).exp()
    return e / e.sum()


class _Attention(nn.Module):
    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (t.unsqueeze(0) for t in self.project(x))
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).squeeze(0)


class SelfAttention_v1(_Attention):
    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            self.register_parameter(name, nn.Parameter(torch.randn(d_in, d_out) / d_in**0.5))

    def project(self, x):
        return x @ self.W_query, x @ self.W_key, x @ self.W_value


class SelfAttention_v2(_Attention):
    def __init__(self, d_in: int, d_out: int, qkv_bias: bool = False) -> None:
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            self.add_module(name, nn.Linear(d_in, d_out, bias=qkv_bias))

    def project(self, x):
        return self.W_query(x), self.W_key(x), self.W_value(x)
