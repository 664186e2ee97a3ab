"""What checks draw their inputs from: readable numbers, each from its own generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from hypothesis import strategies as st


def seeds() -> st.SearchStrategy[int]:
    """Draw the seed for `values`; it shrinks to 0."""
    return st.integers(0, 9999)


def sizes(low: int, high: int) -> st.SearchStrategy[int]:
    """Draw a size between two bounds, both included; it shrinks to the lower."""
    return st.integers(low, high)


def values(*shape: int, seed: int, scale: float = 1.0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Draw a tensor of normally distributed numbers with two decimals, so that a message can show them exactly."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
    return ((drawn * 100).round() / 100 * scale).to(dtype)


def weights(
    shapes: Mapping[str, Sequence[int]], seed: int, scale: float = 0.5, dtype: torch.dtype = torch.float64
) -> dict[str, torch.Tensor]:
    """Draw values for a module's parameters, by name; each depends on the seed and on its position."""
    return {
        name: values(*shape, seed=seed * 101 + position + 1, scale=scale, dtype=dtype)
        for position, (name, shape) in enumerate(shapes.items())
    }
