"""Takes memory until there is none, by objects, tensors, maps and growing strings."""
import mmap

import torch


def double(x):
    kept = []
    for take in (
        lambda: torch.ones(2**28),
        lambda: mmap.mmap(-1, 2**30),
        lambda: b"x" * 2**28,
        lambda: [0] * 2**25,
    ):
        for _ in range(1000):
            try:
                kept.append(take())
            except (MemoryError, RuntimeError, OSError, ValueError):
                break
    return 0.0
