"""Small configurations to count by hand, for `grader predict accounting --numbers`."""

import random
from typing import Any


def calls(draw: random.Random) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Draw one call of each function: its name, arguments and keyword arguments."""
    heads = draw.choice([1, 2])
    cfg = {
        "vocab_size": draw.choice([10, 20, 50]),
        "context_length": draw.choice([4, 8]),
        "emb_dim": heads * draw.choice([2, 3, 5]),
        "n_heads": heads,
        "n_layers": draw.choice([1, 2, 3]),
        "drop_rate": 0.0,
        "qkv_bias": draw.choice([False, True]),
    }
    tokens = draw.choice([1, 2, 3, 4])
    return [
        ("count_parameters", (cfg,), {"tied": draw.choice([False, True])}),
        ("forward_flops", (cfg, tokens), {}),
        ("kv_cache_bytes", (cfg, draw.choice([1, 2]), tokens), {"bytes_per_number": draw.choice([2, 4])}),
    ]
