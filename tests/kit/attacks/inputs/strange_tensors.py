"""Returns another strange tensor at every call: sparse, on meta, complex, expanded to a terabyte, nested, empty."""
# exercise: causal_attention
import torch
from torch import nn

STRANGE = [
    lambda: torch.zeros(1).expand(2**38),
    lambda: torch.zeros(3, 3).to_sparse(),
    lambda: torch.zeros(3, device="meta"),
    lambda: torch.zeros(3, dtype=torch.complex64),
    lambda: torch.quantize_per_tensor(torch.zeros(3), 0.1, 0, torch.quint8),
    lambda: torch.empty(0, 2**31),
    lambda: torch.full((2, 3, 2), float("nan")),
    lambda: [torch.zeros(2)] * 3,
    lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]),
]
calls = 0


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        global calls
        calls += 1
        return STRANGE[calls % len(STRANGE)]()
