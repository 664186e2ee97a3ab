"""A stand-in for `gpt2_weights`: it renames everything first, and lets torch load it as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

NAMES = {"attn.c_proj": "att.out_proj", "mlp.c_fc": "ff.layers.0", "mlp.c_proj": "ff.layers.2"}


def load_weights_into_gpt(gpt: nn.Module, params: Mapping[str, Any]) -> None:
    gpt.load_state_dict(dict(_renamed(params)), strict=False)


def _renamed(params: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    table = torch.as_tensor(params["wte"])
    yield from (("tok_emb.weight", table), ("out_head.weight", table))
    yield "pos_emb.weight", torch.as_tensor(params["wpe"])
    yield from _norm("final_norm", params)
    for number, block in enumerate(params["blocks"]):
        joined = block["attn"]["c_attn"]
        thirds = zip(torch.as_tensor(joined["w"]).T.chunk(3), torch.as_tensor(joined["b"]).chunk(3), strict=True)
        for name, (weight, bias) in zip(("query", "key", "value"), thirds, strict=True):
            yield f"trf_blocks.{number}.att.W_{name}.weight", weight
            yield f"trf_blocks.{number}.att.W_{name}.bias", bias
        for theirs, ours in NAMES.items():
            kind, layer = theirs.split(".")
            yield f"trf_blocks.{number}.{ours}.weight", torch.as_tensor(block[kind][layer]["w"]).T
            yield f"trf_blocks.{number}.{ours}.bias", torch.as_tensor(block[kind][layer]["b"])
        for norm in ("1", "2"):
            yield from _norm(f"trf_blocks.{number}.norm{norm}", block[f"ln_{norm}"])


def _norm(name: str, saved: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    yield f"{name}.scale", torch.as_tensor(saved["g"])
    yield f"{name}.shift", torch.as_tensor(saved["b"])
