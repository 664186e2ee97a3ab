"""A small GPT-2 of Hugging Face's with random weights, and its weights in the layout of OpenAI's files and in ours.

Import this in a file of tests as you like: `transformers` itself is imported only when a model is made, which takes two
seconds.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def hugging_face_gpt2(cfg: dict[str, Any], seed: int = 1) -> Any:
    """Make Hugging Face's `GPT2LMHeadModel` of this size in float64 and evaluation mode, with random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"n_positions": cfg["context_length"], "n_embd": cfg["emb_dim"], "n_layer": cfg["n_layers"]}
    ends = {"bos_token_id": 0, "eos_token_id": 0}  # the defaults are ids of the large vocabulary
    config = GPT2Config(vocab_size=cfg["vocab_size"], n_head=cfg["n_heads"], **sizes, **ends)
    model = GPT2LMHeadModel(config).double().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return model


def openai_params(model: Any) -> dict[str, Any]:
    """Return a Hugging Face GPT-2's weights as the book reads OpenAI's files: nested dicts of NumPy arrays."""
    state = {name.removeprefix("transformer."): value.numpy() for name, value in model.state_dict().items()}

    def part(name: str, weight: str, bias: str) -> dict[str, Any]:
        return {weight: state[f"{name}.weight"], bias: state[f"{name}.bias"]}

    blocks = [
        {
            "attn": {name: part(f"h.{number}.attn.{name}", "w", "b") for name in ("c_attn", "c_proj")},
            "mlp": {name: part(f"h.{number}.mlp.{name}", "w", "b") for name in ("c_fc", "c_proj")},
            **{name: part(f"h.{number}.{name}", "g", "b") for name in ("ln_1", "ln_2")},
        }
        for number in range(model.config.n_layer)
    ]
    return {"wte": state["wte.weight"], "wpe": state["wpe.weight"], "blocks": blocks, **part("ln_f", "g", "b")}


def our_parameters(params: dict[str, Any]) -> dict[str, Tensor]:
    """Return OpenAI's weights by the names of `GPTModel`'s parameters, in their shapes; the head is a copy of `wte`."""
    parameters = {"tok_emb.weight": params["wte"], "pos_emb.weight": params["wpe"], "out_head.weight": params["wte"]}
    parameters |= {"final_norm.scale": params["g"], "final_norm.shift": params["b"]}
    for number, block in enumerate(params["blocks"]):
        joint = block["attn"]["c_attn"]
        linear = {"att.out_proj": block["attn"]["c_proj"]}
        linear |= {"ff.layers.0": block["mlp"]["c_fc"], "ff.layers.2": block["mlp"]["c_proj"]}
        for third, name in enumerate(("W_query", "W_key", "W_value")):
            width = len(joint["b"]) // 3
            columns = slice(third * width, (third + 1) * width)
            linear[f"att.{name}"] = {"w": joint["w"][:, columns], "b": joint["b"][columns]}
        for name, layer in linear.items():
            parameters[f"trf_blocks.{number}.{name}.weight"] = layer["w"].T
            parameters[f"trf_blocks.{number}.{name}.bias"] = layer["b"]
        for name, norm in (("norm1", block["ln_1"]), ("norm2", block["ln_2"])):
            parameters[f"trf_blocks.{number}.{name}.scale"] = norm["g"]
            parameters[f"trf_blocks.{number}.{name}.shift"] = norm["b"]
    return {name: torch.tensor(value) for name, value in parameters.items()}
