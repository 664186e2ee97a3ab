"""Self-attention without a mask: a softmax by hand, and two classes that let every token look at every token.

Not asked: a mask, dropout, several heads, and batches; all of them come in the next exercises.

Book: chapters 3.3 and 3.4
"""

import torch
from torch import nn


def softmax_naive(x: torch.Tensor) -> torch.Tensor:
    """Turn one row of scores into weights that are positive and sum to 1.

    Args:
        x: `(n,)`, scores of moderate size, so that no power overflows.

    Returns:
        `(n,)`, the weights.
    """
    raise NotImplementedError("Start with the exponential of every score.")


class SelfAttention_v1(nn.Module):
    """Self-attention whose three projections are bare matrices.

    The trainable parameters are `W_query`, `W_key` and `W_value`, each `(d_in, d_out)`. Their initial values are free.
    """

    def __init__(self, d_in: int, d_out: int) -> None:
        """Make the three matrices, for `d_in` numbers per token that come in, and `d_out` that go out."""
        super().__init__()
        raise NotImplementedError("Start with three matrices that an optimizer can find.")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every token attend to every token.

        Args:
            x: token vectors `(tokens, d_in)` of one sequence.

        Returns:
            Context vectors `(tokens, d_out)`.
        """
        raise NotImplementedError("Start with the queries, keys and values of every token.")


class SelfAttention_v2(nn.Module):
    """The same self-attention with three linear layers.

    The trainable parameters are `W_query.weight`, `W_key.weight` and `W_value.weight`, each `(d_out, d_in)`,
    and with `qkv_bias`, also `W_query.bias`, `W_key.bias` and `W_value.bias`, each `(d_out,)`.
    """

    def __init__(self, d_in: int, d_out: int, qkv_bias: bool = False) -> None:
        """Make the three linear layers; `qkv_bias` says whether they have a bias."""
        super().__init__()
        raise NotImplementedError("Start with the three linear layers that the class docstring names.")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every token attend to every token.

        Args:
            x: token vectors `(tokens, d_in)` of one sequence.

        Returns:
            Context vectors `(tokens, d_out)`.
        """
        raise NotImplementedError("Start from the forward of `SelfAttention_v1`; only the projections differ.")
