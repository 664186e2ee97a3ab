"""Accounting by listing everything there is."""
from __future__ import annotations

from math import prod
from typing import Any, Iterator

Config = dict[str, Any]
Shape = tuple[int, ...]


def linear(name: str, d_in: int, d_out: int, bias: bool) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (d_out, d_in)
    if bias:
        yield f"{name}.bias", (d_out,)


def norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.scale", (width,)
    yield f"{name}.shift", (width,)


def weights(cfg: Config) -> Iterator[tuple[str, Shape]]:
    d = cfg["emb_dim"]
    yield "tok_emb.weight", (cfg["vocab_size"], d)
    yield "pos_emb.weight", (cfg["context_length"], d)
    for k in range(cfg["n_layers"]):
        block = f"trf_blocks.{k}"
        for which in ("query", "key", "value"):
            yield from linear(f"{block}.att.W_{which}", d, d, cfg["qkv_bias"])
        yield from linear(f"{block}.att.out_proj", d, d, True)
        yield from linear(f"{block}.ff.layers.0", d, 4 * d, True)
        yield from linear(f"{block}.ff.layers.2", 4 * d, d, True)
        yield from norm(f"{block}.norm1", d)
        yield from norm(f"{block}.norm2", d)
    yield from norm("final_norm", d)
    yield from linear("out_head", d, cfg["vocab_size"], False)


def products(cfg: Config, t: int) -> Iterator[tuple[str, Shape]]:
    """(rows, inner, columns) of every matrix product."""
    d, heads = cfg["emb_dim"], cfg["n_heads"]
    width = cfg["head_dim"] = d // heads
    for _ in range(cfg["n_layers"]):
        for name in ("query", "key", "value", "output"):
            yield name, (t, d, d)
        for _ in range(heads):
            yield "scores", (t, width, t)
            yield "mixing", (t, t, width)
        yield "up", (t, d, 4 * d)
        yield "down", (t, 4 * d, d)
    yield "head", (t, d, cfg["vocab_size"])


def count_parameters(cfg: Config, tied: bool = False) -> int:
    return sum(prod(shape) for name, shape in weights(cfg) if not (tied and name == "out_head.weight"))


def forward_flops(cfg: Config, tokens: int) -> int:
    return sum(2 * prod(shape) for _, shape in products(cfg, tokens))


def kv_cache_bytes(cfg: Config, batch: int, tokens: int, bytes_per_number: int = 2) -> int:
    one_token = 2 * cfg["emb_dim"] * bytes_per_number
    return cfg["n_layers"] * batch * tokens * one_token
