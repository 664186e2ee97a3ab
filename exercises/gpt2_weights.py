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
    raise NotImplementedError("Compare the two shapes first.")


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
    raise NotImplementedError("Start with the two embeddings, then go through the blocks.")
