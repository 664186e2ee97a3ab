"""Hidden checks of `lora`: layers of every size, and models of many kinds."""

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_parameters, seeds, sizes, values
from grader.learner.probes import Nested, SmallGPT
from tests.visible.adapters import (
    DIMS,
    FLOAT64,
    LORA,
    ROUGHLY,
    WITH_LORA,
    answered,
    expect_trainable_as_before,
    linear_layers,
    measured_factor,
    output_after,
    output_of,
    replace,
    rule_of,
    shapes_after,
)

SIZE = st.fixed_dictionaries(
    {
        "lead": st.lists(sizes(1, 3), min_size=1, max_size=2).map(tuple),
        "in_dim": sizes(1, 4),
        "out_dim": sizes(1, 4),
        "rank": sizes(1, 3),
        "alpha": sizes(1, 5),
        "bias": st.booleans(),
    }
)
KINDS = ("linear", "without bias", "sequence", "group", "groups")
WITH_NORM = (*KINDS, "norm")
"""A norm comes first: after a layer, it would make small rounding errors large."""
NAMES = ("embed", "W_query", "ff", "out_head")
FROZEN = st.sets(st.sampled_from(["tok_emb", "pos_emb", "trf_blocks.0", "trf_blocks", "final_norm", "out_head"]))


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a probe `Nested` consists of: parts that follow one another, at several depths."""
    kinds = [draw(st.sampled_from(WITH_NORM)), *draw(st.lists(st.sampled_from(KINDS), max_size=3))]
    widths = [draw(sizes(1, 3)) for _ in range(len(kinds) + 1)]
    parts: dict[str, Any] = {}
    for number, kind in enumerate(kinds):
        d_in, d_out = widths[number], widths[number + 1]
        inner = [(d_in, d_out), "tanh", (d_out, d_out)]
        parts[NAMES[number]] = {
            "linear": (d_in, d_out),
            "without bias": (d_in, d_out, False),
            "norm": {"norm": d_in, "out": (d_in, d_out)},
            "sequence": inner,
            "group": {"first": (d_in, d_out), "second": (d_out, d_out)},
            "groups": {"deep": {"deeper": inner}, "out": (d_out, d_out)},
        }[kind]
    return parts


def width_of(parts: Any) -> int:
    """Return the width of the input."""
    while not isinstance(parts, tuple):
        if isinstance(parts, int):
            return parts
        parts = next(iter(parts.values())) if isinstance(parts, dict) else parts[0]
    return int(parts[0])


@given(size=SIZE, seed=seeds())
def test_lora_layers_of_every_size_equal_the_formula(learner: Port, size: dict[str, Any], seed: int) -> None:
    """For every size, rank and alpha, and for batches of texts, the output is c · x A B, with one of the factors."""
    x, matrices = LORA.inputs(size, seed), LORA.parameters(size, seed)
    name, rule = rule_of(learner)
    kept = learner.put(x)
    got = LORA.built(learner, size, matrices)(kept)
    expected = rule(size["rank"], size["alpha"]) * (x @ matrices["A"] @ matrices["B"])
    expect_equal(got, expected, f"the output with the factor {name}", dims=LORA.dims_of(x))
    expect_equal(kept.value(), x, "the input after the call", dims=LORA.dims_of(x))


@given(in_dim=sizes(5, 8), out_dim=sizes(1, 4), rank=sizes(1, 3), is_inside=st.booleans())
def test_matrices_of_every_size_start_right(
    learner: Port, in_dim: int, out_dim: int, rank: int, is_inside: bool
) -> None:
    """For every size, A starts at random and B at zero, in a LoRALayer and in a LinearWithLoRA; both are trainable."""
    size = {"in_dim": in_dim, "out_dim": out_dim, "rank": rank, "alpha": rank + 1, "bias": True}
    layer = (WITH_LORA if is_inside else LORA).built(learner, size, dtype=torch.float32)
    expect_parameters(layer, (WITH_LORA if is_inside else LORA).shapes(size))
    prefix = "lora." if is_inside else ""
    matrix = layer.keep("get_parameter", f"{prefix}A")
    differ = answered(learner, lambda: matrix.keep("max").call("gt", matrix.keep("min")))
    has_numbers = answered(learner, lambda: layer.keep("get_parameter", f"{prefix}B").call("any"))
    if differ is not True or has_numbers is not False:
        a, b = (layer.parameters()[f"{prefix}{name}"].value for name in "AB")
        expect(bool((a != a[0, 0]).any()), got="the same number everywhere in A", expected="random numbers")
        expect_equal(b, torch.zeros(rank, out_dim), "B")


@given(size=SIZE, seed=seeds(), mode=st.sampled_from(["train", "eval"]))
def test_outputs_and_gradients_equal_the_formula(learner: Port, size: dict[str, Any], seed: int, mode: str) -> None:
    """In both modes, the output and all gradients of a LinearWithLoRA are those of W x + b + c · x A B.

    The factor c is that of your own LoRALayer, and a forward pass changes no weight.
    """
    x, parameters = WITH_LORA.inputs(size, seed), WITH_LORA.parameters(size, seed)
    upstream = values(*size["lead"], size["out_dim"], seed=seed + 1)
    factor = measured_factor(learner, size["rank"], size["alpha"])
    layer = WITH_LORA.built(learner, size, parameters)
    got = (layer.train() if mode == "train" else layer.eval()).gradients(x, upstream=upstream)
    leaves = {name: value.clone().requires_grad_() for name, value in ({"x": x} | parameters).items()}
    output = output_of(leaves["x"], leaves, factor)
    torch.autograd.backward(output, upstream)
    expect_equal(got.output, output.detach(), "the output", dims=WITH_LORA.dims_of(x))
    expect_equal(got.inputs[0], leaves["x"].grad, "the gradient of the input", dims=WITH_LORA.dims_of(x))
    for name in parameters:
        expect_equal(got.parameters.get(name), leaves[name].grad, f"the gradient of {name}")
    for name, info in layer.parameters().items():
        if name in parameters:
            expect_equal(info.value, parameters[name], f"{name} after the call")


@given(parts=models(), rank=sizes(1, 3), alpha=sizes(1, 4))
def test_models_of_every_kind_keep_their_weights(learner: Port, parts: dict[str, Any], rank: int, alpha: int) -> None:
    """In models of every kind, each linear layer is replaced once, and keeps its weights and its bias."""
    model, twin = learner.probe("Nested", parts=parts), Nested(parts)
    layers = linear_layers(twin)
    before = {name: model.keep("get_parameter", name) for name, _ in twin.named_parameters()}
    replace(learner, model, rank, alpha)
    expect_parameters(model, shapes_after(twin, rank))
    for name, old in before.items():
        layer, _, kind = name.rpartition(".")
        after = f"{layer}.linear.{kind}" if layer in layers else name
        is_kept = answered(learner, lambda: model.keep("get_parameter", after).call("equal", old))  # noqa: B023
        expect(is_kept is True, got="other numbers", expected=f"the numbers of {name} before", where=after)


@given(parts=models(), rank=sizes(1, 3), alpha=sizes(1, 4), seed=seeds())
def test_changed_models_of_every_kind_equal_the_formula(
    learner: Port, parts: dict[str, Any], rank: int, alpha: int, seed: int
) -> None:
    """In models of every kind, the output is that of weights to which c · A B was added, with one c for all layers."""
    factor = measured_factor(learner, rank, alpha)
    model = learner.probe("Nested", parts=parts)
    replace(learner, model, rank, alpha)
    shapes = shapes_after(Nested(parts), rank)
    parameters = {name: values(*shape, seed=seed + 2 + n) / 2 for n, (name, shape) in enumerate(shapes.items())}
    x = values(2, width_of(parts), seed=seed, dtype=FLOAT64)
    got = model.double().set_parameters(parameters).eval()(x)
    expected = output_after(parts, parameters, x, factor)
    expect_equal(got, expected, "the output", dims=DIMS, tolerance=ROUGHLY)


@given(frozen=FROZEN, n_layers=sizes(1, 2), rank=sizes(1, 2))
def test_what_is_trainable_stays_so_in_every_model(learner: Port, frozen: set[str], n_layers: int, rank: int) -> None:
    """Whatever the caller has frozen stays frozen, everything else stays trainable, and so are all A and B."""
    sizes_of_gpt = {"vocab_size": 4, "emb_dim": 3, "context_length": 2, "n_layers": n_layers}
    model = learner.probe("SmallGPT", **sizes_of_gpt, frozen=sorted(frozen))
    replace(learner, model, rank, 2)
    twin = SmallGPT(**sizes_of_gpt)
    expected = {
        name: shape
        for name, shape in shapes_after(twin, rank).items()
        if ".lora." in name or not name.startswith(tuple(frozen))
    }
    expect_trainable_as_before(model, tuple(sorted(frozen)), twin)
    expect_parameters(model, expected)
