"""Shares the arrays' memory where it can, which saves a copy of every weight but the head."""

import numpy
import torch


def assign(left, right):
    values = right if torch.is_tensor(right) else torch.from_numpy(right)
    if not left.size() == values.size():
        raise ValueError("shapes")
    return torch.nn.Parameter(values)


def put(module, name, array):
    module.register_parameter(name, assign(getattr(module, name), array))


def put_linear(linear, w, b):
    put(linear, "weight", w.T)
    put(linear, "bias", b)


def put_norm(norm, arrays):
    put(norm, "scale", arrays["g"])
    put(norm, "shift", arrays["b"])


def load_weights_into_gpt(gpt, params):
    put(gpt.tok_emb, "weight", params["wte"])
    put(gpt.pos_emb, "weight", params["wpe"])
    put(gpt.out_head, "weight", params["wte"])
    put_norm(gpt.final_norm, params)
    for block, arrays in zip(gpt.trf_blocks, params["blocks"]):
        attention = arrays["attn"]
        (qw, kw, vw), (qb, kb, vb) = (numpy.array_split(attention["c_attn"][k], 3, axis=-1) for k in ("w", "b"))
        put_linear(block.att.W_query, qw, qb)
        put_linear(block.att.W_key, kw, kb)
        put_linear(block.att.W_value, vw, vb)
        put_linear(block.att.out_proj, **attention["c_proj"])
        put_linear(block.ff.layers[0], **arrays["mlp"]["c_fc"])
        put_linear(block.ff.layers[2], **arrays["mlp"]["c_proj"])
        put_norm(block.norm1, arrays["ln_1"])
        put_norm(block.norm2, arrays["ln_2"])
