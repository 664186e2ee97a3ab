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
    ### BEGIN SOLUTION: Start with the exponential of every score.
    powers = torch.exp(x)  # (n,)
    return powers / powers.sum()
    ### END SOLUTION


class SelfAttention_v1(nn.Module):
    """Self-attention whose three projections are bare matrices.

    The trainable parameters are `W_query`, `W_key` and `W_value`, each `(d_in, d_out)`. Their initial values are free.
    """

    def __init__(self, d_in: int, d_out: int) -> None:
        """Make the three matrices, for `d_in` numbers per token that come in, and `d_out` that go out."""
        super().__init__()
        ### BEGIN SOLUTION: Start with three matrices that an optimizer can find.
        self.W_query = nn.Parameter(torch.rand(d_in, d_out))
        self.W_key = nn.Parameter(torch.rand(d_in, d_out))
        self.W_value = nn.Parameter(torch.rand(d_in, d_out))
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every token attend to every token.

        Args:
            x: token vectors `(tokens, d_in)` of one sequence.

        Returns:
            Context vectors `(tokens, d_out)`.
        """
        ### BEGIN SOLUTION: Start with the queries, keys and values of every token.
        queries = x @ self.W_query  # (tokens, d_out)
        keys = x @ self.W_key  # (tokens, d_out)
        values = x @ self.W_value  # (tokens, d_out)

        scores = queries @ keys.T  # (tokens, tokens): row = query, column = key
        scores = scores / keys.shape[-1] ** 0.5
        weights = torch.softmax(scores, dim=-1)  # every row sums to 1
        return weights @ values  # (tokens, d_out)
        ### END SOLUTION


class SelfAttention_v2(nn.Module):
    """The same self-attention with three linear layers.

    The trainable parameters are `W_query.weight`, `W_key.weight` and `W_value.weight`, each `(d_out, d_in)`,
    and with `qkv_bias`, also `W_query.bias`, `W_key.bias` and `W_value.bias`, each `(d_out,)`.
    """

    def __init__(self, d_in: int, d_out: int, qkv_bias: bool = False) -> None:
        """Make the three linear layers; `qkv_bias` says whether they have a bias."""
        super().__init__()
        ### BEGIN SOLUTION: Start with the three linear layers that the class docstring names.
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every token attend to every token.

        Args:
            x: token vectors `(tokens, d_in)` of one sequence.

        Returns:
            Context vectors `(tokens, d_out)`.
        """
        ### BEGIN SOLUTION: Start from the forward of `SelfAttention_v1`; only the projections differ.
        queries = self.W_query(x)  # (tokens, d_out)
        keys = self.W_key(x)  # (tokens, d_out)
        values = self.W_value(x)  # (tokens, d_out)

        scores = queries @ keys.T  # (tokens, tokens): row = query, column = key
        scores = scores / keys.shape[-1] ** 0.5
        weights = torch.softmax(scores, dim=-1)  # every row sums to 1
        return weights @ values  # (tokens, d_out)
        ### END SOLUTION
