"""Turns everything into tensors first; one view of `c_attn` holds the three matrices as (3, out, in)."""

import torch
from torch import nn


def assign(left, right):
    right = torch.tensor(right) if not isinstance(right, torch.Tensor) else right.clone()
    if list(left.shape) != list(right.shape):
        raise ValueError(f"{right.shape} should be {left.shape}")
    return nn.Parameter(right)


def tensors(tree):
    if isinstance(tree, dict):
        return {key: tensors(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [tensors(value) for value in tree]
    return torch.as_tensor(tree).clone()


class Loader:
    def __init__(self, gpt):
        self.gpt = gpt

    def set(self, name, value):
        owner, _, last = name.rpartition(".")
        module = self.gpt.get_submodule(owner)
        setattr(module, last, assign(getattr(module, last), value))

    def linear(self, name, arrays):
        self.set(f"{name}.weight", torch.einsum("io->oi", arrays["w"]).contiguous())
        self.set(f"{name}.bias", arrays["b"])

    def norm(self, name, arrays):
        self.set(f"{name}.scale", arrays["g"])
        self.set(f"{name}.shift", arrays["b"])

    def block(self, name, arrays):
        attn, mlp = arrays["attn"], arrays["mlp"]
        width = attn["c_proj"]["b"].numel()
        three = torch.einsum("ikj->kij", attn["c_attn"]["w"].view(width, 3, width))
        for w, b, part in zip(three, attn["c_attn"]["b"].chunk(3), ("W_query", "W_key", "W_value")):
            self.linear(f"{name}.att.{part}", {"w": w, "b": b})
        self.linear(f"{name}.att.out_proj", attn["c_proj"])
        self.linear(f"{name}.ff.layers.0", mlp["c_fc"])
        self.linear(f"{name}.ff.layers.2", mlp["c_proj"])
        self.norm(f"{name}.norm1", arrays["ln_1"])
        self.norm(f"{name}.norm2", arrays["ln_2"])


def load_weights_into_gpt(gpt, params):
    params, loader = tensors(params), Loader(gpt)
    for number, arrays in enumerate(params["blocks"]):
        loader.block(f"trf_blocks.{number}", arrays)
    loader.norm("final_norm", params)
    loader.set("tok_emb.weight", params["wte"])
    loader.set("pos_emb.weight", params["wpe"])
    loader.set("out_head.weight", params["wte"])
