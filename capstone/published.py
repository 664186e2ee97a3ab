"""Writing with the published weights of GPT-2, in the learner's own model."""

from __future__ import annotations

import random
from typing import Any

import numpy
import torch
from torch import nn

from capstone.account import fitting, parts_table
from capstone.gpt2 import END_OF_TEXT, Published, folder_of, read
from capstone.training import seed_of
from grader.study.capstone import CapstoneOptions, Parts

SAY = "Every effort moves you"
"""The book's own beginning, if nobody gives another."""
TOKENS = 40
TEMPERATURES = (0.0, 0.8)
TOP_K = 40
MODULES = ("layer_norm", "multi_head_attention", "gpt_block", "gpt_model", "generation", "gpt2_weights")


def write_with_gpt2(parts: Parts, order: CapstoneOptions, device: torch.device) -> None:
    """Load GPT-2 into the learner's model, and print what it writes.

    Args:
        parts: the learner's modules, or stand-ins.
        order: `gpt2` is a folder or a name on Hugging Face, `say` the text to continue.
        device: where to compute.

    Raises:
        GraderError: the weights can't be found or read, or a module of the learner's failed.
    """
    console = order.console
    published = read(folder_of(order.gpt2))
    console.print("Your GPT-2 is made of:", markup=False)
    console.print(parts_table(parts, MODULES))
    model = loaded_model(parts, published).to(device).eval()
    sizes = ", ".join(f"{published.config[key]} {name}" for key, name in _SIZES.items())
    console.print(f"  weights {order.gpt2}: {sizes}", markup=False, soft_wrap=True)
    begin = order.say or SAY
    ids = published.tokenizer.encode(begin, allowed_special={END_OF_TEXT})
    for temperature in TEMPERATURES:
        how = f"temperature {temperature:g}, top {TOP_K}" if temperature else "greedy: always the most likely token"
        text = published.tokenizer.decode(_continued(parts, model, published, ids, temperature, order.seed))
        console.print(fitting(console, f"\n--- {how}\n{text}"), markup=False)


_SIZES = {"n_layers": "blocks", "emb_dim": "wide", "n_heads": "heads", "vocab_size": "tokens"}


def loaded_model(parts: Parts, published: Published) -> nn.Module:
    """Build the learner's `GPTModel`, and have their `load_weights_into_gpt` load the published weights into it."""
    kind, load = parts.take("gpt_model", "GPTModel"), parts.take("gpt2_weights", "load_weights_into_gpt")
    with parts.running():
        model: nn.Module = kind(cfg=dict(published.config))
        load(model, published.params)
    return model


def _continued(
    parts: Parts, model: nn.Module, published: Published, ids: list[int], temperature: float, seed: int
) -> list[int]:
    generate = parts.take("generation", "generate")
    seed = seed_of(seed, "gpt2")
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    top_k = min(TOP_K, published.config["vocab_size"])
    options: dict[str, Any] = {"temperature": temperature, "top_k": top_k} if temperature else {}
    rows = torch.tensor([ids], device=next(model.parameters()).device)
    with parts.running() as sign:
        handle = model.register_forward_pre_hook(lambda *_: sign())
        try:
            written = generate(model, rows, TOKENS, published.config["context_length"], **options)
        finally:
            handle.remove()
    continued: list[int] = written[0].tolist()
    return continued
