"""Visible checks of `lora`: single layers with known numbers, and small models whose layers are replaced.

With rank 1, both right factors, `alpha` and `alpha / rank`, are the same; most checks use that.
"""

import torch

from grader.checks import Port, expect, expect_equal, expect_same, expect_tensor, laws, sizes, values
from grader.learner.probes import Layers, Nested, SmallGPT
from tests.visible.adapters import (
    DIMS,
    FLOAT64,
    LORA,
    ROUGHLY,
    WITH_LORA,
    answered,
    expect_replaced,
    expect_trainable_as_before,
    linear_of,
    measured_factor,
    output_after,
    output_of,
    replace,
    rule_of,
    shapes_after,
)

FIXED = {"in_dim": 3, "out_dim": 2, "rank": 1, "alpha": 1}
WIDE = {"in_dim": 8, "out_dim": 3, "rank": 4, "alpha": 2}
X = values(2, 3, seed=1)
MATRICES = LORA.parameters(FIXED, 2)
FLAT = {"first": (2, 4), "middle": "tanh", "last": (4, 3, False)}
DEEP = {"body": {"first": (2, 3), "inner": ["tanh", (3, 4)], "norm": 4}, "out_head": (4, 5, False)}
ALIKE = {"first": (2, 2), "second": [(2, 2), (2, 2)]}
GPT = {"vocab_size": 4, "emb_dim": 3, "context_length": 2, "n_layers": 2}

test_a_lora_layer_has_two_thin_matrices = laws.parameters_are_exactly_these(
    LORA,
    title="A LoRALayer has two trainable parameters: `A` of shape (in_dim, rank), and `B` of shape (rank, out_dim).",
    hint="The input is multiplied by them from the left, so neither is stored the way `nn.Linear` stores its weight.",
)


def test_b_starts_at_zero(learner: Port) -> None:
    """All numbers in `B` are 0 at the start, so that a new LoRA layer adds nothing and the model is what it was."""
    layer = LORA.built(learner, WIDE, dtype=torch.float32)
    has_numbers = answered(learner, lambda: layer.keep("get_parameter", "B").call("any"))
    if has_numbers is not False:
        parameters = layer.parameters()
        got = parameters["B"].value if "B" in parameters else None
        expect_equal(got, torch.zeros(4, 3), "B of a new LoRALayer", dims=("row", "column"))


def test_a_starts_at_random(learner: Port) -> None:
    """The numbers in `A` are random at the start.

    If `A` were zero like `B`, the gradients of both would be zero, and neither would ever move.
    """
    layer = LORA.built(learner, WIDE, dtype=torch.float32)
    matrix = layer.keep("get_parameter", "A")
    differ = answered(learner, lambda: matrix.keep("max").call("gt", matrix.keep("min")))
    if differ is not True:
        parameters = layer.parameters()
        expect("A" in parameters, got="no parameter A", expected="A, with random numbers")
        value = parameters["A"].value
        same = bool((value == value.flatten()[0]).all()) if value.numel() else True
        expect(not same, got="the same number everywhere", expected="random numbers", where="in A of a new LoRALayer")


def test_the_output_is_x_times_a_times_b(learner: Port) -> None:
    """A LoRALayer multiplies x by A, and the result by B: (…, in_dim) becomes (…, rank), and then (…, out_dim).

    The rank and alpha are 1 here, so the factor is 1, too.
    """
    layer = LORA.built(learner, FIXED, MATRICES)
    expect_equal(layer(X), X @ MATRICES["A"] @ MATRICES["B"], "the output for rank 1 and alpha 1", dims=DIMS)


def test_alpha_multiplies_the_output(learner: Port) -> None:
    """With rank 1, the output is alpha times x A B: no matter if you use `alpha` or `alpha / rank` as the factor."""
    for alpha in (2, 3):
        got = LORA.built(learner, FIXED | {"alpha": alpha}, MATRICES)(X)
        expected = alpha * (X @ MATRICES["A"] @ MATRICES["B"])
        expect_equal(got, expected, f"the output for rank 1 and alpha {alpha}", dims=DIMS)


def test_the_factor_is_alpha_or_alpha_divided_by_the_rank(learner: Port) -> None:
    """The factor is `alpha`, as the book prints it, or `alpha / rank`, and it's the same of the two for every rank.

    Fixed matrices show the factor: if all numbers are 1, an input of 1 gives the factor times the rank.
    """
    name, rule = rule_of(learner)
    for rank in (1, 2, 4):
        factor, expected = measured_factor(learner, rank, 3), rule(rank, 3)
        expect(
            abs(factor - expected) < 1e-4,
            got=f"{factor:.4g}",
            expected=f"{expected:.4g}" if rank == 1 else f"{expected:.4g} ({name})",
            where=f"the factor for rank {rank} and alpha 3",
        )


test_linear_with_lora_has_two_parts = laws.parameters_are_exactly_these(
    WITH_LORA.of(in_dim=3, out_dim=2, rank=1, alpha=4),
    title="A LinearWithLoRA has the parameters of its two parts: those of `linear`, and `lora.A` and `lora.B`.",
    hint="`A` and `B` have the linear layer's sizes and this rank. All are trainable: freezing is up to the caller.",
)


def test_linear_is_the_layer_that_came(learner: Port) -> None:
    """The part `linear` has the weights of the layer that was passed; what that layer has learned is kept."""
    linear = linear_of(learner, 3, 2)
    layer = learner.build("LinearWithLoRA", linear=linear, rank=2, alpha=4)
    for name in ("weight", "bias"):
        given, kept = linear.keep("get_parameter", name), f"linear.{name}"
        is_kept = answered(learner, lambda: layer.keep("get_parameter", kept).call("equal", given))  # noqa: B023
        if is_kept is not True:
            parameters = layer.parameters()
            got = parameters[kept].value if kept in parameters else None
            expect_equal(got, linear.parameters()[name].value, f"{kept} of a new LinearWithLoRA")


def test_both_parts_are_added(learner: Port) -> None:
    """The output is that of the linear layer, with its bias, plus that of the LoRA layer."""
    for bias in (True, False):
        size = FIXED | {"bias": bias}
        parameters = WITH_LORA.parameters(size, 3)
        got = WITH_LORA.built(learner, size, parameters)(X)
        what = f"the output for rank 1 and alpha 1, {'with' if bias else 'without'} a bias"
        expect_equal(got, output_of(X, parameters, 1.0), what, dims=DIMS)


def test_a_forward_pass_changes_nothing(learner: Port) -> None:
    """The same input gives the same output again, in training mode as in evaluation mode, and no weight changes."""
    size = FIXED | {"bias": True}
    parameters = WITH_LORA.parameters(size, 4)
    layer = WITH_LORA.built(learner, size, parameters)
    first = expect_tensor(layer(X), (2, 2), FLOAT64)
    expect_same(layer(X), first, "the output of a second call", dims=DIMS)
    expect_same(layer.train()(X), first, "the output in training mode", dims=DIMS)
    for name, info in layer.parameters().items():
        if name in parameters:
            expect_equal(info.value, parameters[name], f"{name} after three calls")


test_gradients_fit_the_output = laws.gradients_fit_the_output(
    WITH_LORA.of(in_dim=3, out_dim=2, rank=sizes(1, 2), alpha=2, bias=True)
)


def test_every_linear_layer_is_replaced(learner: Port) -> None:
    """In the model that is passed, each linear layer is replaced by a LinearWithLoRA of the same name.

    The model itself is changed, whatever you return. The layer from before is `linear` now, and isn't replaced again.
    """
    model = learner.probe("Nested", parts=FLAT)
    replace(learner, model, 2, 2)
    expect_replaced(model, shapes_after(Nested(FLAT), 2))


def test_layers_at_every_depth_are_replaced(learner: Port) -> None:
    """Linear layers in parts of parts are replaced, too, in an `nn.Sequential` and an `nn.ModuleList` as anywhere.

    Everything else stays: norms and activations are no linear layers.
    """
    for model, twin in (
        (learner.probe("Nested", parts=DEEP), Nested(DEEP)),
        (learner.probe("Layers", widths=[2, 3, 4]), Layers([2, 3, 4])),
    ):
        replace(learner, model, 2, 2)
        expect_replaced(model, shapes_after(twin, 2))


def test_freezing_is_up_to_the_caller(learner: Port) -> None:
    """Replacing changes nothing about what is trainable: what was frozen stays frozen, and everything else doesn't."""
    twin = SmallGPT(**GPT)
    for frozen in ((), ("tok_emb", "trf_blocks.0")):
        model = learner.probe("SmallGPT", **GPT, frozen=list(frozen))
        replace(learner, model, 2, 2)
        expect_trainable_as_before(model, frozen, twin)


def test_every_layer_has_its_own_matrices(learner: Port) -> None:
    """Each layer has an `A` and a `B` of its own, even if several layers have the same size.

    Torch lists a parameter that is shared only once, under its first name.
    """
    model = learner.probe("Nested", parts=ALIKE)
    replace(learner, model, 2, 2)
    expect_replaced(model, shapes_after(Nested(ALIKE), 2))


def test_rank_and_alpha_reach_every_layer(learner: Port) -> None:
    """A changed model uses the rank and the alpha that were passed: each weight acts as if A B were added to it."""
    model = learner.probe("Nested", parts=DEEP)
    replace(learner, model, 1, 3)
    shapes = shapes_after(Nested(DEEP), 1)
    parameters = {name: values(*shape, seed=5 + n) / 2 for n, (name, shape) in enumerate(shapes.items())}
    x = values(2, 2, seed=6)
    got = model.double().set_parameters(parameters).eval()(x)
    expected = output_after(DEEP, parameters, x, 3.0)
    expect_equal(got, expected, "the output for rank 1 and alpha 3", dims=DIMS, tolerance=ROUGHLY)
