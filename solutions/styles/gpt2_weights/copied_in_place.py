"""Copies the values into the parameters that the model has, and cuts the columns by hand."""

import torch


def assign(left, right):
    right = torch.as_tensor(right)
    if left.dim() != right.dim() or any(a != b for a, b in zip(left.shape, right.shape)):
        raise ValueError("these shapes don't fit together: %s and %s" % (list(left.shape), list(right.shape)))
    new = torch.nn.Parameter(torch.empty_like(right))
    with torch.no_grad():
        new.copy_(right)
    return new


def _copy(parameter, array):
    if parameter.shape != array.shape:
        raise ValueError("wrong shape")
    parameter.copy_(torch.as_tensor(array))


@torch.no_grad()
def load_weights_into_gpt(gpt, params):
    width = gpt.tok_emb.weight.shape[1]
    _copy(gpt.tok_emb.weight, params["wte"])
    _copy(gpt.pos_emb.weight, params["wpe"])
    _copy(gpt.out_head.weight, params["wte"])
    _copy(gpt.final_norm.scale, params["g"])
    _copy(gpt.final_norm.shift, params["b"])
    for i in range(len(gpt.trf_blocks)):
        block, saved = gpt.trf_blocks[i], params["blocks"][i]
        w, b = saved["attn"]["c_attn"]["w"], saved["attn"]["c_attn"]["b"]
        for third, layer in enumerate([block.att.W_query, block.att.W_key, block.att.W_value]):
            start, end = third * width, (third + 1) * width
            _copy(layer.weight, w[:, start:end].transpose())
            _copy(layer.bias, b[start:end])
        for layer, arrays in (
            (block.att.out_proj, saved["attn"]["c_proj"]),
            (block.ff.layers[0], saved["mlp"]["c_fc"]),
            (block.ff.layers[2], saved["mlp"]["c_proj"]),
        ):
            _copy(layer.weight, arrays["w"].transpose())
            _copy(layer.bias, arrays["b"])
        for norm, arrays in ((block.norm1, saved["ln_1"]), (block.norm2, saved["ln_2"])):
            _copy(norm.scale, arrays["g"])
            _copy(norm.shift, arrays["b"])
