from functools import reduce

import numpy as np
import torch
from torch import nn


def assign(left, right):
    values = right.detach().clone() if torch.is_tensor(right) else torch.from_numpy(np.array(right))
    if left.shape != values.shape:
        raise ValueError(f"{left.shape} != {values.shape}")
    return nn.Parameter(values)


def place(root, path, values):
    *way, last = path.split(".")
    owner = reduce(getattr, way, root)
    setattr(owner, last, assign(getattr(owner, last), values))


def load_weights_into_gpt(gpt, params):
    place(gpt, "tok_emb.weight", params["wte"])
    place(gpt, "pos_emb.weight", params["wpe"])
    place(gpt, "out_head.weight", params["wte"])
    place(gpt, "final_norm.scale", params["g"])
    place(gpt, "final_norm.shift", params["b"])
    for block, p in zip(gpt.trf_blocks, params["blocks"]):
        d = p["attn"]["c_attn"]["w"].shape[0]
        qkv_w = np.moveaxis(np.asarray(p["attn"]["c_attn"]["w"]).reshape(d, 3, d), 1, 0)
        qkv_b = np.asarray(p["attn"]["c_attn"]["b"]).reshape(3, d)
        for name, w, b in zip(("W_query", "W_key", "W_value"), qkv_w, qkv_b):
            place(block, f"att.{name}.weight", w)
            place(block, f"att.{name}.bias", b)
        for name, theirs in (("att.out_proj", p["attn"]["c_proj"]), ("ff.layers.0", p["mlp"]["c_fc"]), ("ff.layers.2", p["mlp"]["c_proj"])):
            place(block, name + ".weight", theirs["w"].T)
            place(block, name + ".bias", theirs["b"])
        for name, theirs in (("norm1", p["ln_1"]), ("norm2", p["ln_2"])):
            place(block, name + ".scale", theirs["g"])
            place(block, name + ".shift", theirs["b"])
