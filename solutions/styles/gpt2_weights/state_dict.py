"""Makes a state dict under the model's own names, and has the model load it."""

import numpy as np
import torch
from torch import nn


def assign(left, right):
    if tuple(left.shape) != tuple(right.shape):
        raise ValueError(f"{tuple(left.shape)} is not {tuple(right.shape)}")
    return nn.Parameter(torch.tensor(np.asarray(right)))


def _linear(array):
    return {"weight": array["w"].T, "bias": array["b"]}


def _norm(array):
    return {"scale": array["g"], "shift": array["b"]}


def _block(saved):
    names = ("W_query", "W_key", "W_value")
    weights = np.hsplit(saved["attn"]["c_attn"]["w"], 3)
    biases = np.hsplit(saved["attn"]["c_attn"]["b"], 3)
    parts = {f"att.{name}": _linear({"w": w, "b": b}) for name, w, b in zip(names, weights, biases)}
    parts |= {"att.out_proj": _linear(saved["attn"]["c_proj"])}
    parts |= {"ff.layers.0": _linear(saved["mlp"]["c_fc"]), "ff.layers.2": _linear(saved["mlp"]["c_proj"])}
    parts |= {"norm1": _norm(saved["ln_1"]), "norm2": _norm(saved["ln_2"])}
    return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def load_weights_into_gpt(gpt, params):
    state = {"tok_emb.weight": params["wte"], "pos_emb.weight": params["wpe"], "out_head.weight": params["wte"]}
    state |= {f"final_norm.{name}": array for name, array in _norm(params).items()}
    for number, saved in enumerate(params["blocks"]):
        state |= {f"trf_blocks.{number}.{name}": array for name, array in _block(saved).items()}
    # strict=False only because a mask may be a buffer; a parameter that is missing is reported.
    report = gpt.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state.items()}, strict=False)
    forgotten = [name for name in report.missing_keys if name in dict(gpt.named_parameters())]
    assert not forgotten and not report.unexpected_keys, report
