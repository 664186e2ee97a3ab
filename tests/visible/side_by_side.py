"""How the checks of `multi_head_wrapper` build a wrapper, and what they feed it."""

from collections.abc import Mapping

import torch

from grader.checks import Handle, Layer, Port, Size, expect, expect_equal, expect_tensor, values
from tests.visible import attention
from tests.visible.attention import DIMS, FLOAT64


def _built(port: Port, size: Size) -> Handle:
    arguments = {name: size[name] for name in ("d_in", "d_out", "dropout", "num_heads")}
    more = {"qkv_bias": True} if size["qkv_bias"] else {}
    context_length = size["tokens"] + size["spare"]
    return port.build("MultiHeadAttentionWrapper", context_length=context_length, **arguments, **more).eval()


def _shapes(size: Size) -> dict[str, tuple[int, ...]]:
    of_head = attention.parameter_shapes(size["d_in"], size["d_out"], qkv_bias=size["qkv_bias"])
    return {f"heads.{head}.{name}": shape for head in range(size["num_heads"]) for name, shape in of_head.items()}


def _present(module: Handle, drawn: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Drop biases that the module lacks, and set biases to zero that it has but shouldn't."""
    parameters = module.parameters()
    needed = {name: value for name, value in drawn.items() if name in parameters or not name.endswith(".bias")}
    unwanted = [name for name in parameters if name.endswith(".bias") and name.startswith("heads.")]
    return {name: torch.zeros_like(parameters[name].value) for name in unwanted} | needed


WRAPPER = Layer(
    build=_built,
    sizes={
        "batch": 2,
        "tokens": 3,
        "spare": 0,
        "d_in": 3,
        "d_out": 2,
        "num_heads": 2,
        "qkv_bias": False,
        "dropout": 0.0,
        "scale": 1.0,
    },
    inputs=lambda size, seed: values(size["batch"], size["tokens"], size["d_in"], seed=seed, scale=size["scale"]),
    shapes=_shapes,
    output=lambda size: (size["batch"], size["tokens"], size["num_heads"] * size["d_out"]),
    dims=DIMS,
    changing=("batch", "tokens"),
    random_start=True,
    fit=_present,
)
"""`spare` is how much longer context_length is than the sequence, and `scale` is the spread of the input."""


def expect_every_head_to_drop(port: Port, rate: float, heads: int, seed: int) -> None:
    """Fail unless in training mode each weight of each head is 0 or its usual value divided by 1 - rate.

    Each head's output is its table of weights: tokens and values are one-hot.
    """
    tokens, texts = 5, 8
    size = dict(WRAPPER.sizes) | {"tokens": tokens, "d_in": tokens, "d_out": tokens, "num_heads": heads}
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    drawn = {name: one_hot if "W_value" in name else value for name, value in WRAPPER.parameters(size, seed).items()}
    whole = WRAPPER.built(port, size, drawn)(one_hot[None])
    usual = expect_tensor(whole, (1, tokens, heads * tokens), FLOAT64, "the tables of weights without dropout")
    module = WRAPPER.built(port, {**size, "dropout": rate}, drawn).train()
    got = expect_tensor(module(one_hot.repeat(texts, 1, 1)), (texts, tokens, heads * tokens), FLOAT64)
    usual = usual.expand_as(got)
    gone = got.abs() < 1e-9
    expected = torch.where(gone, torch.zeros_like(usual), usual / (1 - rate))
    expect_equal(got, expected, f"the weights in training mode, with dropout={rate},", dims=DIMS, weights=True)
    # At a rate of 0.2, none of a head's 120 weights is dropped in one of 10^11 runs.
    dropped = (gone & (usual.abs() > 1e-6)).unflatten(-1, (heads, tokens)).sum(dim=(0, 1, 3))
    for head, number in enumerate(dropped.tolist()):
        expect(number > 0, got=f"none of the weights of head {head} is 0", expected="some of them dropped, so 0")
