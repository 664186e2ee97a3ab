"""The GPT: the learner's model, with small weights to begin with."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from grader.study.capstone import Parts

Config = dict[str, Any]
"""The book's keys: vocab_size, context_length, emb_dim, n_heads, n_layers, drop_rate, qkv_bias."""


def make_model(config: Config, parts: Parts) -> nn.Module:
    """Build the learner's `GPTModel`, which is made of their blocks, norms and attention.

    Args:
        config: the sizes.
        parts: the learner's modules.
    """
    kind = parts.take("gpt_model", "GPTModel")
    with parts.running():
        model: nn.Module = kind(cfg=dict(config))
    # Small weights, so that the untrained model predicts all tokens about equally.
    with torch.no_grad():
        for name in ("tok_emb.weight", "pos_emb.weight", "out_head.weight"):
            nn.init.normal_(model.get_parameter(name), std=0.02)
    return model


def count_parameters(model: nn.Module) -> int:
    """Return the number of parameters of a model."""
    return sum(parameter.numel() for parameter in model.parameters())
