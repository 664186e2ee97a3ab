"""What the checks of `gpt_block` share: settings, and values for whatever parameters a module has."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import torch

from grader.checks import Handle, Port, expect, expect_tensor, values

FLOAT64 = torch.float64
DIMS = ("batch", "token", "feature")


def config(emb_dim: int = 4, **changes: Any) -> dict[str, Any]:
    """Make a small cfg; like the book's, it also has `n_layers` and `vocab_size`, which nothing here uses."""
    cfg = {"vocab_size": 50, "context_length": 6, "emb_dim": emb_dim, "n_heads": 1, "n_layers": 1}
    return cfg | {"drop_rate": 0.0, "qkv_bias": False} | changes


def built(port: Port, name: str = "TransformerBlock", emb_dim: int = 4, **changes: Any) -> Handle:
    """Build a block (or a feed-forward network) in float64 and in eval mode."""
    return port.build(name, cfg=config(emb_dim, **changes)).double().eval()


def shapes_of(emb_dim: int, qkv_bias: bool = False) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the block's parameters by name."""
    att = {f"att.W_{name}.weight": (emb_dim, emb_dim) for name in ("query", "key", "value")}
    biases = {f"att.W_{name}.bias": (emb_dim,) for name in ("query", "key", "value") if qkv_bias}
    out = {"att.out_proj.weight": (emb_dim, emb_dim), "att.out_proj.bias": (emb_dim,)}
    ff = {f"ff.{name}": shape for name, shape in feed_forward_shapes(emb_dim).items()}
    norms = {f"{norm}.{name}": (emb_dim,) for norm in ("norm1", "norm2") for name in ("scale", "shift")}
    return att | biases | out | ff | norms


def feed_forward_shapes(emb_dim: int, width: int | None = None) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the feed-forward network's parameters by name."""
    width = 4 * emb_dim if width is None else width
    first = {"layers.0.weight": (width, emb_dim), "layers.0.bias": (width,)}
    return first | {"layers.2.weight": (emb_dim, width), "layers.2.bias": (emb_dim,)}


def drawn(module: Handle, seed: int, silent: Sequence[str] = ()) -> dict[str, torch.Tensor]:
    """Draw a value for every parameter of a module, in its own shape; parameters of `silent` parts get zeros.

    A separate check covers names and shapes; the others work with whatever is there. A frozen parameter that nobody
    asked for, a mask for example, keeps its value.
    """
    named = {*shapes_of(1, qkv_bias=True), *feed_forward_shapes(1)}
    drawn = {}
    for name, parameter in module.parameters().items():
        if not parameter.trainable and name not in named:
            continue
        shape = tuple(parameter.value.shape)
        draw_seed = seed * 101 + zlib.crc32(name.removeprefix("ff.").encode()) % 1009
        quiet = any(name.startswith(f"{prefix}.") for prefix in silent)
        drawn[name] = torch.zeros(shape, dtype=FLOAT64) if quiet else values(*shape, seed=draw_seed, scale=0.5)
    return drawn


def differ(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Return whether two outputs differ by more than rounding, which in a block that uses float32 is about 1e-7."""
    return bool((first - second).abs().max() > 1e-6)


def expect_change(first: torch.Tensor, second: torch.Tensor, expected: str) -> None:
    """Fail unless two outputs differ."""
    expect(differ(first, second), got="the same output twice", expected=expected)


def constant_branch(block: Handle, bias: str) -> dict[str, torch.Tensor]:
    """Draw values with which a block adds only ones: all weights are zero, and this one bias is one."""
    weights = drawn(block, 0, silent=("att", "ff", "norm1", "norm2"))
    for name, value in weights.items():
        if name == bias or name.endswith(".scale"):
            value.fill_(1.0)
    return weights


def expect_attention_to_drop(port: Port, rate: float, seed: int) -> None:
    """Fail unless attention drops a lone token's only weight as often as the rate says.

    When it does, attention adds only its last bias, the same number to each feature. Features that the block's own
    dropout removes are left out.
    """
    texts, emb_dim = 400, 32
    block = built(port, emb_dim=emb_dim, drop_rate=rate)
    silent = drawn(block, seed, silent=("att", "ff"))
    x = values(texts, 1, emb_dim, seed=seed)
    without = expect_tensor(block.set_parameters(silent)(x), x.shape, FLOAT64)
    weights = drawn(block, seed, silent=("ff",))
    weights |= {name: torch.ones_like(value) for name, value in silent.items() if name == "att.out_proj.bias"}
    whole = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    added = expect_tensor(block.train()(x), x.shape, FLOAT64) - without
    stream = expect_tensor(block.set_parameters(silent)(x), x.shape, FLOAT64)
    if not differ(whole, without) or differ(stream, without):
        return  # attention doesn't reach the output, or the stream is dropped too: other checks report that
    kept = added.abs() > 1e-6
    most = added.masked_fill(~kept, -torch.inf).amax(dim=-1)
    least = added.masked_fill(~kept, torch.inf).amin(dim=-1)
    share = float(((most - least).abs() < 1e-6)[kept.any(dim=-1)].double().mean())
    where = f"share of {texts} one-token sequences to which attention, in training mode, adds only its bias"
    # Six standard deviations.
    expect(abs(share - rate) < 0.15, got=f"{share:.2f}", expected=f"{rate:.2f}, up to chance", where=where)
