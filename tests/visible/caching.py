"""What the checks of `kv_cache` share: attention and models with parameters that we set, and texts fed in pieces."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import torch

from grader.checks import Handle, Port, expect_on_another_device, expect_tensor, values
from tests.visible import attention, blocks
from tests.visible.generating import prompt_of

FLOAT64 = torch.float64
DIMS = ("batch", "token", "feature")
VOCAB, WIDTH = 7, 4
EVERY_ATT = tuple(f"trf_blocks.{number}.att.out_proj" for number in range(3))
"""The parts without which attention adds nothing, so that only positions make tokens differ."""


def expect_cached_logits_on_another_device(port: Port, ids: torch.Tensor, lengths: Sequence[int]) -> None:
    """Fail unless a model that is moved to another device computes there, with a cache."""
    model = port.probe("moved", of=port.build("GPTModel", cfg=config()).eval())
    model.call("reset_kv_cache")
    for piece in ids.split(list(lengths), dim=1):
        moved = port.probe("moved", of=piece)
        expect_on_another_device(
            port, functools.partial(model.keep, "__call__", moved, use_cache=True), "the logits with a cache"
        )


def attention_of(port: Port, context_length: int = 8, seed: int = 0, num_heads: int = 2) -> Handle:
    """Build attention in eval mode: from 3 numbers for each token to 4."""
    drawn = attention.draw(3, WIDTH, seed, num_heads=num_heads, scale=1.0)
    return attention.build(port, drawn, context_length, num_heads=num_heads)


def vectors_of(batch: int, tokens: int, seed: int) -> torch.Tensor:
    """Draw token vectors for `attention_of`, `(batch, tokens, 3)`."""
    return values(batch, tokens, 3, seed=seed)


def config(**changes: Any) -> dict[str, Any]:
    """Make a small cfg."""
    return blocks.config(WIDTH, vocab_size=VOCAB, context_length=10, n_heads=2, n_layers=2) | changes


def gpt_of(port: Port, seed: int = 0, silent: Sequence[str] = (), **changes: Any) -> Handle:
    """Build a model in eval mode with drawn parameters; those of `silent` parts are 0."""
    model = port.build("GPTModel", cfg=config(**changes)).double().eval()
    return model.set_parameters(blocks.drawn(model, seed, silent))


def gpt_shapes(cfg: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the model's parameters by name."""
    vocab, context, width = cfg["vocab_size"], cfg["context_length"], cfg["emb_dim"]
    block = blocks.shapes_of(width, cfg["qkv_bias"])
    return {
        "tok_emb.weight": (vocab, width),
        "pos_emb.weight": (context, width),
        **{f"trf_blocks.{n}.{name}": shape for n in range(cfg["n_layers"]) for name, shape in block.items()},
        "final_norm.scale": (width,),
        "final_norm.shift": (width,),
        "out_head.weight": (vocab, width),
    }


def ids_of(batch: int, tokens: int, seed: int) -> torch.Tensor:
    """Draw ids for `gpt_of`, `(batch, tokens)`."""
    return prompt_of(batch, tokens, seed, VOCAB)


def plainly(module: Handle, x: torch.Tensor, size: int) -> torch.Tensor:
    """Return the outputs, `size` wide, of a call without a cache."""
    return expect_tensor(module(x), (*x.shape[:2], size), FLOAT64, "the output without a cache")


def in_pieces(module: Handle, x: torch.Tensor, lengths: Sequence[int], size: int) -> torch.Tensor:
    """Feed a text to a module with a cache, in pieces of these lengths; return the outputs, side by side."""
    outputs = []
    for piece in x.split(list(lengths), dim=1):
        shape = (*piece.shape[:2], size)
        outputs.append(expect_tensor(module(piece, use_cache=True), shape, FLOAT64, "the output with a cache"))
    return torch.cat(outputs, dim=1)


def afresh(module: Handle, reset: str, x: torch.Tensor, lengths: Sequence[int], size: int) -> torch.Tensor:
    """Return the outputs of a module that has read nothing before, for a text in pieces."""
    module.call(reset)
    return in_pieces(module, x, lengths, size)
