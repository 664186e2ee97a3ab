import numpy
import torch


def assign(left, right):
    if list(left.shape) != list(right.shape):
        raise ValueError("shapes differ")
    new = torch.empty(left.shape, dtype=left.dtype, device=left.device)
    with torch.no_grad():
        new.copy_(right if torch.is_tensor(right) else torch.as_tensor(numpy.array(right)))
    return torch.nn.Parameter(new)


def put(parameter, values):
    values = torch.as_tensor(numpy.array(values))
    assert parameter.shape == values.shape, (parameter.shape, values.shape)
    with torch.no_grad():
        parameter.copy_(values)


def put_linear(layer, w, b):
    put(layer.weight, numpy.array(w).transpose())
    put(layer.bias, b)


def put_norm(layer, values):
    put(layer.scale, values["g"])
    put(layer.shift, values["b"])


def load_weights_into_gpt(gpt, params):
    put(gpt.tok_emb.weight, params["wte"])
    put(gpt.pos_emb.weight, params["wpe"])

    i = 0
    while params["blocks"]:
        ours = gpt.trf_blocks[i]
        theirs = params["blocks"].pop(0)
        i += 1

        # attention: q, k and v stand side by side
        w = numpy.array(theirs["attn"]["c_attn"]["w"])
        b = numpy.array(theirs["attn"]["c_attn"]["b"])
        n = w.shape[0]
        put_linear(ours.att.W_query, w[:, 0:n], b[0:n])
        put_linear(ours.att.W_key, w[:, n:2 * n], b[n:2 * n])
        put_linear(ours.att.W_value, w[:, 2 * n:3 * n], b[2 * n:3 * n])
        put_linear(ours.att.out_proj, theirs["attn"]["c_proj"]["w"], theirs["attn"]["c_proj"]["b"])

        # feed-forward
        put_linear(ours.ff.layers[0], theirs["mlp"]["c_fc"]["w"], theirs["mlp"]["c_fc"]["b"])
        put_linear(ours.ff.layers[2], theirs["mlp"]["c_proj"]["w"], theirs["mlp"]["c_proj"]["b"])

        put_norm(ours.norm1, theirs["ln_1"])
        put_norm(ours.norm2, theirs["ln_2"])

    put_norm(gpt.final_norm, params)
    put(gpt.out_head.weight, params["wte"])
