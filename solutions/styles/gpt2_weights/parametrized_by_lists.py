"""Lists parameters and arrays side by side, and replaces the data of each parameter."""

import numpy as np
import torch
from torch.nn import Parameter


class ShapesDiffer(ValueError):
    pass


def assign(left, right):
    if np.shape(left.detach()) != np.shape(right):
        raise ShapesDiffer(f"{np.shape(left.detach())} != {np.shape(right)}")
    return Parameter(torch.asarray(np.array(right)), requires_grad=True)


def pairs(gpt, params):
    yield gpt.tok_emb.weight, params["wte"]
    yield gpt.pos_emb.weight, params["wpe"]
    for index, block in enumerate(gpt.trf_blocks):
        saved = params["blocks"][index]
        for name in ("w", "b"):
            q, k, v = np.moveaxis(np.reshape(saved["attn"]["c_attn"][name], (*saved["attn"]["c_attn"][name].shape[:-1], 3, -1)), -2, 0)
            attribute = {"w": "weight", "b": "bias"}[name]
            yield getattr(block.att.W_query, attribute), np.transpose(q)
            yield getattr(block.att.W_key, attribute), np.transpose(k)
            yield getattr(block.att.W_value, attribute), np.transpose(v)
            yield getattr(block.att.out_proj, attribute), np.transpose(saved["attn"]["c_proj"][name])
            yield getattr(block.ff.layers[0], attribute), np.transpose(saved["mlp"]["c_fc"][name])
            yield getattr(block.ff.layers[2], attribute), np.transpose(saved["mlp"]["c_proj"][name])
        yield block.norm1.scale, saved["ln_1"]["g"]
        yield block.norm1.shift, saved["ln_1"]["b"]
        yield block.norm2.scale, saved["ln_2"]["g"]
        yield block.norm2.shift, saved["ln_2"]["b"]
    yield gpt.final_norm.scale, params["g"]
    yield gpt.final_norm.shift, params["b"]
    yield gpt.out_head.weight, params["wte"]


def load_weights_into_gpt(gpt, params):
    for parameter, array in pairs(gpt, params):
        parameter.data = assign(parameter, array).data
