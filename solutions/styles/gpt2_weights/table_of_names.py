"""One table says which array belongs to which parameter; a loop over the model's own names does the rest."""

import re

import torch
from torch import nn

from .gpt_model import GPTModel

PLACES = {
    "tok_emb.weight": ("wte",),
    "pos_emb.weight": ("wpe",),
    "out_head.weight": ("wte",),
    "final_norm.scale": ("g",),
    "final_norm.shift": ("b",),
    "att.W_query": ("attn", "c_attn"),
    "att.W_key": ("attn", "c_attn"),
    "att.W_value": ("attn", "c_attn"),
    "att.out_proj": ("attn", "c_proj"),
    "ff.layers.0": ("mlp", "c_fc"),
    "ff.layers.2": ("mlp", "c_proj"),
    "norm1": ("ln_1",),
    "norm2": ("ln_2",),
}
LAST = {"weight": "w", "bias": "b", "scale": "g", "shift": "b"}
THIRDS = {"W_query": 0, "W_key": 1, "W_value": 2}


def assign(left: torch.Tensor, right) -> nn.Parameter:
    if left.shape != right.shape:
        raise ValueError(f"expected {tuple(left.shape)}, got {tuple(right.shape)}")
    return nn.Parameter(torch.tensor(right, dtype=left.dtype, device=left.device))


def find(params: dict, name: str):
    inside = re.match(r"trf_blocks\.(\d+)\.(.+)\.(\w+)$", name)
    if inside is None:
        (key,) = PLACES[name]
        return params[key]
    number, part, kind = inside.groups()
    array = params["blocks"][int(number)]
    for key in (*PLACES[part], LAST[kind]):
        array = array[key]
    third = THIRDS.get(part.split(".")[-1])
    if third is not None:
        size = array.shape[-1] // 3
        array = array[..., third * size : (third + 1) * size]
    return array.T if kind == "weight" else array


def load_weights_into_gpt(gpt: GPTModel, params: dict) -> GPTModel:
    for name, old in list(gpt.named_parameters()):
        path, _, last = name.rpartition(".")
        setattr(gpt.get_submodule(path), last, assign(old, find(params, name)))
    return gpt
