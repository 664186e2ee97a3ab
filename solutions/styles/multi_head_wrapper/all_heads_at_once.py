import torch
import torch.nn.functional as F
from torch import nn

from .causal_attention import CausalAttention


class MultiHeadAttentionWrapper(nn.Module):
    """Borrows the heads' parameters, and computes all heads in one fused operation."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.heads = nn.ModuleList(
            CausalAttention(d_in, d_out, context_length, dropout, qkv_bias) for _ in range(num_heads)
        )
        self.rate = dropout

    def project(self, x, name):
        layers = [head.get_submodule(name) for head in self.heads]
        projected = torch.einsum("btd,hed->bhte", x, torch.stack([layer.weight for layer in layers]))
        if layers[0].bias is not None:
            projected = projected + torch.stack([layer.bias for layer in layers])[:, None]
        return projected

    def forward(self, x):
        q, k, v = (self.project(x, name) for name in ("W_query", "W_key", "W_value"))
        rate = self.rate if self.training else 0.0
        contexts = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
        return contexts.transpose(1, 2).reshape(*x.shape[:2], -1)
