"""The transformer block: attention and a small feed-forward network, each with a norm and a residual path.

Not in this exercise: the exact GELU with the error function, post-norm, cached keys and values, the whole GPT model.

Book: chapters 4.3 to 4.5
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    """GPT-2's activation function: the Gaussian error linear unit, in its tanh approximation."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation to each element of x; the result has the shape and dtype of x."""
        ### BEGIN SOLUTION: Start with the expression inside the tanh, then work outward.
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x.pow(3))
        return 0.5 * x * (1.0 + torch.tanh(inner))
        ### END SOLUTION


class FeedForward(nn.Module):
    """Two linear layers with a GELU between them, applied to each token by itself.

    Parameters: `layers.0.weight` `(4 * emb_dim, emb_dim)`, `layers.0.bias` `(4 * emb_dim,)`,
    `layers.2.weight` `(emb_dim, 4 * emb_dim)`, `layers.2.bias` `(emb_dim,)`.
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        """Create the layers from `cfg["emb_dim"]`."""
        super().__init__()
        ### BEGIN SOLUTION: Put the three layers into `self.layers`, in order.
        emb_dim = cfg["emb_dim"]
        self.layers = nn.Sequential(
            nn.Linear(emb_dim, 4 * emb_dim),
            GELU(),
            nn.Linear(4 * emb_dim, emb_dim),
        )
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Map `(batch, tokens, emb_dim)` to `(batch, tokens, emb_dim)`."""
        ### BEGIN SOLUTION: Send x through the layers.
        return self.layers(x)  # (batch, tokens, emb_dim) -> (…, 4 * emb_dim) -> (…, emb_dim)
        ### END SOLUTION


class TransformerBlock(nn.Module):
    """One block of the GPT: tokens look at one another, then each token thinks for itself.

    Submodules: `att` (MultiHeadAttention), `ff` (FeedForward), `norm1` and `norm2` (LayerNorm).
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        """Create the block's parts from `emb_dim`, `context_length`, `n_heads`, `drop_rate` and `qkv_bias`.

        Only read the dict, never change it: several blocks use it.
        """
        super().__init__()
        ### BEGIN SOLUTION: Start with `self.att`: d_in and d_out are both the embedding size.
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"],
            d_out=cfg["emb_dim"],
            context_length=cfg["context_length"],
            dropout=cfg["drop_rate"],
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(emb_dim=cfg["emb_dim"])
        self.norm2 = LayerNorm(emb_dim=cfg["emb_dim"])
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Map `(batch, tokens, emb_dim)` to a new tensor of that shape: first attention, then feed-forward.

        Each one adds its part to what came in; x itself stays unchanged.
        """
        ### BEGIN SOLUTION: Keep x for the shortcut, before the first norm.
        shortcut = x
        x = self.att(self.norm1(x))  # (batch, tokens, emb_dim)
        x = shortcut + self.drop_shortcut(x)

        shortcut = x
        x = self.ff(self.norm2(x))  # (batch, tokens, emb_dim)
        return shortcut + self.drop_shortcut(x)
        ### END SOLUTION
