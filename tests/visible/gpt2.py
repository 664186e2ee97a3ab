"""How the checks of `gpt2_weights` make arrays as in GPT-2's files, and what they read from a model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from grader.checks import Handle, Port, expect, expect_equal, values
from grader.port import LearnerRaised

Params = dict[str, Any]
SMALL: dict[str, Any] = {
    "vocab_size": 4,
    "context_length": 4,
    "emb_dim": 4,
    "n_heads": 2,
    "n_layers": 1,
    "drop_rate": 0.0,
    "qkv_bias": True,
}
"""A model in which many shapes agree: embeddings, their transposes, and everything in attention. Then only the values
tell."""


def array(*shape: int, seed: int) -> Any:
    """Draw an array of float32 numbers, as in the published files."""
    return values(*shape, seed=seed, dtype=torch.float32).numpy()


def block_of(width: int, seed: int) -> Params:
    """Draw the arrays of one block."""
    shapes = {
        ("attn", "c_attn"): {"w": (width, 3 * width), "b": (3 * width,)},
        ("attn", "c_proj"): {"w": (width, width), "b": (width,)},
        ("mlp", "c_fc"): {"w": (width, 4 * width), "b": (4 * width,)},
        ("mlp", "c_proj"): {"w": (4 * width, width), "b": (width,)},
        ("ln_1",): {"g": (width,), "b": (width,)},
        ("ln_2",): {"g": (width,), "b": (width,)},
    }
    block: Params = {"attn": {}, "mlp": {}}
    for number, (path, arrays) in enumerate(shapes.items()):
        drawn = {name: array(*shape, seed=seed + 2 * number + k) for k, (name, shape) in enumerate(arrays.items())}
        (block if len(path) == 1 else block[path[0]])[path[-1]] = drawn
    return block


def params_of(cfg: Mapping[str, Any] = SMALL, seed: int = 0) -> Params:
    """Draw all arrays that a model of this configuration needs."""
    width = cfg["emb_dim"]
    return {
        "wte": array(cfg["vocab_size"], width, seed=seed),
        "wpe": array(cfg["context_length"], width, seed=seed + 1),
        "blocks": [block_of(width, seed + 20 * (number + 1)) for number in range(cfg["n_layers"])],
        "g": array(width, seed=seed + 2),
        "b": array(width, seed=seed + 3),
    }


def thirds(*parts: float, width: int = 4) -> Any:
    """Join constant queries, keys and values as a row `(3 * width,)`."""
    return np.repeat(np.array(parts, dtype="float32"), width)


def model_of(port: Port, cfg: Mapping[str, Any] = SMALL) -> Handle:
    """Build a model whose parameters are all zero, so that one that isn't loaded shows."""
    model = port.build_from("gpt_model", "GPTModel", cfg=dict(cfg))
    return model.set_parameters({name: torch.zeros_like(p.value) for name, p in model.parameters().items()})


def load(port: Port, model: Handle, params: Params | Handle) -> None:
    """Have a learner load arrays into a model. What the function returns is free, so it stays on the far side."""
    port.keep("load_weights_into_gpt", model, params)
    port.flush()


def loaded(port: Port, params: Params | Handle, cfg: Mapping[str, Any] = SMALL) -> dict[str, torch.Tensor]:
    """Load arrays into a model, and return its parameters by name."""
    model = model_of(port, cfg)
    load(port, model, params)
    return {name: parameter.value for name, parameter in model.parameters().items()}


def part(parameters: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    """Return one of a model's parameters after loading, and make sure that it is still there."""
    expect(name in parameters, got=f"no parameter {name} of its own", expected="every parameter of the model, replaced")
    return parameters[name]


def assigned(port: Port, left: torch.Tensor, right: Any) -> tuple[Handle, Handle]:
    """Have a learner make a new parameter of `right`; return a module that takes it as `new`, and the old parameter.

    A module that doesn't take it has no parameter `new`.
    """
    module = port.probe("Weights", values={"left": left})
    old = module.keep("get_parameter", "left")
    new = port.keep("assign", old, right)
    port.flush()
    try:
        module.call("register_parameter", "new", new)
    except LearnerRaised:
        module = port.probe("Weights", values={"left": left})
    return module, old


def expect_new_parameter(module: Handle) -> None:
    """Fail unless a module has taken what `assigned` made as a new trainable parameter."""
    parameters = module.parameters()
    expect("new" in parameters, got="a tensor, None, or `left` itself", expected="a new nn.Parameter")
    trainable = parameters["new"].trainable
    expect(trainable, got="a parameter with requires_grad=False", expected="requires_grad=True")


def expect_head_of_its_own(port: Port, cfg: Mapping[str, Any], seed: int = 0) -> None:
    """Load arrays, change `tok_emb`, and fail if `out_head` changes with it."""
    model, params = model_of(port, cfg), port.put(params_of(cfg, seed))
    load(port, model, params)
    head = part({name: info.value for name, info in model.parameters().items()}, "out_head.weight")
    model.set_parameters({"tok_emb.weight": torch.full((cfg["vocab_size"], cfg["emb_dim"]), 9.0)})
    after = part({name: info.value for name, info in model.parameters().items()}, "out_head.weight")
    kept = params.value()
    # Whether a parameter shares memory with `params` is free; then both change.
    if isinstance(kept, dict) and np.array_equal(kept.get("wte"), params_of(cfg, seed)["wte"]):
        expect_equal(after, head, "out_head.weight after a change of tok_emb.weight", dims=("token", "feature"))
