"""Loading GPT-2's weights: put each of the published arrays where your model keeps the same numbers.

Not in this exercise: downloading the files, reading them, the model itself.

Book: chapter 5.5
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from .gpt_model import GPTModel

Array = npt.NDArray[Any]


def assign(left: Tensor, right: Tensor | Array) -> nn.Parameter:
    """Return a new trainable parameter with the values of `right`; `left` stays as it was.

    Args:
        left: the parameter that the new one will replace; only its shape counts.
        right: the values, an array or a tensor. The parameter has their dtype.

    Raises:
        ValueError: the shapes differ.
    """
    ### BEGIN SOLUTION: Compare the two shapes first.
    if left.shape != right.shape:
        raise ValueError(f"the shapes differ: {tuple(left.shape)} here, {tuple(right.shape)} in the file")
    return nn.Parameter(torch.as_tensor(right).detach().clone())
    ### END SOLUTION


def load_weights_into_gpt(gpt: GPTModel, params: Mapping[str, Any]) -> None:
    """Replace all parameters of a model by the arrays in `params`, which stay as they were.

    Args:
        gpt: a `GPTModel` built with `qkv_bias=True`. Its parts can be reached as in `gpt.trf_blocks[0].att.W_query`.
        params: arrays under the names of OpenAI's files. Weights are stored as `(in, out)`:
            `wte` `(vocab_size, emb_dim)`, `wpe` `(context_length, emb_dim)`,
            `blocks`, a list with a dict for each block:
                `attn`: `c_attn` (queries, keys and values side by side) and `c_proj`, each with `w` and `b`,
                `mlp`: `c_fc` and `c_proj`, each with `w` and `b`,
                `ln_1` and `ln_2`, each with `g` (scale) and `b` (shift),
            `g` and `b` of the final norm, `(emb_dim,)`.
            There is no head: it gets a copy of `wte`.
    """
    ### BEGIN SOLUTION: Start with the two embeddings, then go through the blocks.
    gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])
    gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])

    for block, saved in zip(gpt.trf_blocks, params["blocks"], strict=True):
        att, attn = block.att, saved["attn"]
        q_w, k_w, v_w = np.split(attn["c_attn"]["w"], 3, axis=-1)  # each (emb_dim, emb_dim), as (in, out)
        att.W_query.weight = assign(att.W_query.weight, q_w.T)
        att.W_key.weight = assign(att.W_key.weight, k_w.T)
        att.W_value.weight = assign(att.W_value.weight, v_w.T)
        q_b, k_b, v_b = np.split(attn["c_attn"]["b"], 3, axis=-1)  # each (emb_dim,)
        att.W_query.bias = assign(att.W_query.bias, q_b)
        att.W_key.bias = assign(att.W_key.bias, k_b)
        att.W_value.bias = assign(att.W_value.bias, v_b)
        att.out_proj.weight = assign(att.out_proj.weight, attn["c_proj"]["w"].T)
        att.out_proj.bias = assign(att.out_proj.bias, attn["c_proj"]["b"])

        layers, mlp = block.ff.layers, saved["mlp"]
        layers[0].weight = assign(layers[0].weight, mlp["c_fc"]["w"].T)
        layers[0].bias = assign(layers[0].bias, mlp["c_fc"]["b"])
        layers[2].weight = assign(layers[2].weight, mlp["c_proj"]["w"].T)
        layers[2].bias = assign(layers[2].bias, mlp["c_proj"]["b"])

        block.norm1.scale = assign(block.norm1.scale, saved["ln_1"]["g"])
        block.norm1.shift = assign(block.norm1.shift, saved["ln_1"]["b"])
        block.norm2.scale = assign(block.norm2.scale, saved["ln_2"]["g"])
        block.norm2.shift = assign(block.norm2.shift, saved["ln_2"]["b"])

    gpt.final_norm.scale = assign(gpt.final_norm.scale, params["g"])
    gpt.final_norm.shift = assign(gpt.final_norm.shift, params["b"])
    gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])
    ### END SOLUTION
