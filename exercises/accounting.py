"""What a GPT costs: its parameters, the operations of a forward pass, and the memory of cached keys and values.

Not in this exercise: the backward pass, the optimizer's memory, activations, and how fast a machine really is.

Book: chapter 4.6
"""

from collections.abc import Mapping
from typing import Any


def count_parameters(cfg: Mapping[str, Any], tied: bool = False) -> int:
    """Count the parameters of `GPTModel(cfg)`.

    Args:
        cfg: the model's settings; only read them.
        tied: whether the head uses the weight of `tok_emb`, and has none of its own.

    Returns:
        A whole number, as a Python int.
    """
    raise NotImplementedError("Start with one block: attention, feed-forward and two norms.")


def forward_flops(cfg: Mapping[str, Any], tokens: int) -> int:
    """Count the floating-point operations of all matrix products when the model reads one text.

    Args:
        cfg: the model's settings; only read them.
        tokens: how many tokens the text has, at most `context_length`.

    Returns:
        Two for each multiplication and the addition that goes with it. Biases, norms, softmax, activations and lookups
        don't count. Scores count in full, including those that the mask hides.
    """
    raise NotImplementedError("Count multiplications first. A product of (a, b) and (b, c) has a * b * c.")


def kv_cache_bytes(cfg: Mapping[str, Any], batch: int, tokens: int, bytes_per_number: int = 2) -> int:
    """Count the bytes of the keys and values that all layers keep of the tokens so far.

    Args:
        cfg: the model's settings; only read them.
        batch: how many texts are written at once.
        tokens: how many tokens each text has so far.
        bytes_per_number: 2 for float16 and bfloat16, 4 for float32.

    Returns:
        A whole number, as a Python int.
    """
    raise NotImplementedError("How many numbers does one layer keep for one token?")
