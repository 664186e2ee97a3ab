import numpy as np
import torch
import torch.nn as nn


def assign(left, right):
    right = right.detach().clone() if torch.is_tensor(right) else torch.tensor(np.array(right))
    if left.numel() != right.numel():
        raise ValueError(f"Expected {left.numel()} values, got {right.numel()}")
    return nn.Parameter(right.reshape(left.shape))


def load_linear(layer, w, b):
    layer.weight = assign(layer.weight, w.T)
    layer.bias = assign(layer.bias, b)


def load_norm(layer, p):
    layer.scale = assign(layer.scale, p["g"])
    layer.shift = assign(layer.shift, p["b"])


def load_attention(att, p):
    ws = np.split(p["c_attn"]["w"], 3, axis=1)
    bs = np.split(p["c_attn"]["b"], 3)
    for layer, w, b in zip([att.W_query, att.W_key, att.W_value], ws, bs):
        load_linear(layer, w, b)
    load_linear(att.out_proj, p["c_proj"]["w"], p["c_proj"]["b"])


def load_weights_into_gpt(gpt, params):
    gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])
    gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])
    for i, p in enumerate(params["blocks"]):
        block = gpt.trf_blocks[i]
        load_norm(block.norm1, p["ln_1"])
        load_attention(block.att, p["attn"])
        load_norm(block.norm2, p["ln_2"])
        load_linear(block.ff.layers[0], p["mlp"]["c_fc"]["w"], p["mlp"]["c_fc"]["b"])
        load_linear(block.ff.layers[2], p["mlp"]["c_proj"]["w"], p["mlp"]["c_proj"]["b"])
    load_norm(gpt.final_norm, params)
    gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])
