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
    ### BEGIN SOLUTION: Start with one block: attention, feed-forward and two norms.
    width = cfg["emb_dim"]
    attention = 4 * width * width + width
    if cfg["qkv_bias"]:
        attention += 3 * width
    feed_forward = width * 4 * width + 4 * width + 4 * width * width + width
    norm = 2 * width
    blocks = cfg["n_layers"] * (attention + feed_forward + 2 * norm)

    tokens = cfg["vocab_size"] * width
    positions = cfg["context_length"] * width
    head = 0 if tied else cfg["vocab_size"] * width
    return tokens + positions + blocks + norm + head
    ### END SOLUTION


def forward_flops(cfg: Mapping[str, Any], tokens: int) -> int:
    """Count the floating-point operations of all matrix products when the model reads one text.

    Args:
        cfg: the model's settings; only read them.
        tokens: how many tokens the text has, at most `context_length`.

    Returns:
        Two for each multiplication and the addition that goes with it. Biases, norms, softmax, activations and lookups
        don't count. Scores count in full, including those that the mask hides.
    """
    ### BEGIN SOLUTION: Count multiplications first. A product of (a, b) and (b, c) has a * b * c.
    width = cfg["emb_dim"]
    projections = 4 * tokens * width * width
    scores = tokens * width * tokens
    mixing = tokens * tokens * width
    feed_forward = 2 * tokens * width * 4 * width
    head = tokens * width * cfg["vocab_size"]
    return 2 * (cfg["n_layers"] * (projections + scores + mixing + feed_forward) + head)
    ### END SOLUTION


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
    ### BEGIN SOLUTION: How many numbers does one layer keep for one token?
    keys = cfg["n_layers"] * batch * tokens * cfg["emb_dim"]
    values = keys
    return (keys + values) * bytes_per_number
    ### END SOLUTION
