import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from .causal_attention import CausalAttention


class Head(CausalAttention):
    """A head that doesn't keep its table of weights for the backward pass."""

    def forward(self, x):
        return checkpoint(super().forward, x, use_reentrant=False)


class MultiHeadAttentionWrapper(nn.Module):
    """Takes one text at a time, and places the heads' columns by a sum of padded outputs."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.add_module("heads", nn.ModuleList())
        self.before = [k * d_out for k in range(num_heads)]
        for _ in self.before:
            self.heads.append(Head(d_in, d_out, context_length, dropout, qkv_bias))

    def join(self, text):
        outputs = [head(text[None])[0] for head in self.heads]
        width = sum(output.shape[-1] for output in outputs)
        padded = [
            nn.functional.pad(output, (left, width - left - output.shape[-1]))
            for left, output in zip(self.before, outputs, strict=True)
        ]
        return sum(padded)

    def forward(self, x):
        return torch.stack([self.join(text) for text in x.unbind()])
