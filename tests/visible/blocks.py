"""What the checks of `gpt_block` share: settings, and values for whatever parameters a module has."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import torch

from grader.checks import Handle, Port, expect, values

FLOAT64 = torch.float64
DIMS = ("batch", "token", "feature")


def config(emb_dim: int = 4, **changes: Any) -> dict[str, Any]:
    """Make a small cfg; `n_layers` and `vocab_size` are in it, as in the book's, and unused."""
    cfg = {"vocab_size": 50, "context_length": 6, "emb_dim": emb_dim, "n_heads": 1, "n_layers": 1}
    return cfg | {"drop_rate": 0.0, "qkv_bias": False} | changes


def built(port: Port, name: str = "TransformerBlock", emb_dim: int = 4, **changes: Any) -> Handle:
    """Build a block (or a feed-forward network) in float64, in evaluation mode."""
    return port.build(name, cfg=config(emb_dim, **changes)).double().eval()


def shapes_of(emb_dim: int, qkv_bias: bool = False) -> dict[str, tuple[int, ...]]:
    """Name the block's parameters, with their shapes."""
    att = {f"att.W_{name}.weight": (emb_dim, emb_dim) for name in ("query", "key", "value")}
    biases = {f"att.W_{name}.bias": (emb_dim,) for name in ("query", "key", "value") if qkv_bias}
    out = {"att.out_proj.weight": (emb_dim, emb_dim), "att.out_proj.bias": (emb_dim,)}
    ff = {f"ff.{name}": shape for name, shape in feed_forward_shapes(emb_dim).items()}
    norms = {f"{norm}.{name}": (emb_dim,) for norm in ("norm1", "norm2") for name in ("scale", "shift")}
    return att | biases | out | ff | norms


def feed_forward_shapes(emb_dim: int, width: int | None = None) -> dict[str, tuple[int, ...]]:
    """Name the feed-forward network's parameters, with their shapes."""
    width = 4 * emb_dim if width is None else width
    first = {"layers.0.weight": (width, emb_dim), "layers.0.bias": (width,)}
    return first | {"layers.2.weight": (emb_dim, width), "layers.2.bias": (emb_dim,)}


def drawn(module: Handle, seed: int, silent: Sequence[str] = ()) -> dict[str, torch.Tensor]:
    """Draw a value for every parameter that a module has, of the shape that it has: zeros where it is to be silent.

    Names and shapes have a check of their own; the others work with what is there.
    """
    drawn = {}
    for name, found in module.parameters().items():
        shape = tuple(found.value.shape)
        place = seed * 101 + zlib.crc32(name.removeprefix("ff.").encode()) % 1009
        quiet = any(name.startswith(f"{prefix}.") for prefix in silent)
        drawn[name] = torch.zeros(shape, dtype=FLOAT64) if quiet else values(*shape, seed=place, scale=0.5)
    return drawn


def differ(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Say whether two outputs are more than rounding apart."""
    return bool((one - other).abs().max() > 1e-9)


def expect_change(one: torch.Tensor, other: torch.Tensor, expected: str) -> None:
    """Fail unless two outputs differ."""
    expect(differ(one, other), got="twice the same output", expected=expected)


def constant_branch(block: Handle, bias: str) -> dict[str, torch.Tensor]:
    """Draw values with which a block adds nothing but ones: all weights zero, and this one bias one."""
    found = drawn(block, 0, silent=("att", "ff", "norm1", "norm2"))
    for name, value in found.items():
        if name == bias or name.endswith(".scale"):
            value.fill_(1.0)
    return found
