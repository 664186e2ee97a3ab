"""Hidden checks of `shortcuts`: networks of all widths, compared with the formula in both forms of GELU."""

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, Size, expect_equal, expect_tensor, seeds, sizes, values
from grader.tolerance import FLOAT32
from tests.visible.networks import (
    FLOAT64,
    GELU_FORMS,
    NETWORK,
    closest,
    computed,
    expect_lines_of_weights,
    expect_number_in,
    gradient_means,
    plain_weights,
    printed_lines,
)

# A right answer may compute its GELU in float32, five times in a row, so float32's tolerance is the one to use.
NETWORKS: Any = st.fixed_dictionaries(
    {"batch": sizes(1, 3), "widths": st.tuples(*[sizes(1, 4)] * 6), "use_shortcut": st.booleans()}
)


@given(widths=st.lists(sizes(1, 4), min_size=6, max_size=6), use_shortcut=st.booleans())
def test_every_list_of_widths_stays_as_it_was(learner: Port, widths: list[int], use_shortcut: bool) -> None:
    """The constructor leaves `layer_sizes` unchanged, whatever is in it."""
    kept = learner.put(widths)
    learner.build("ExampleDeepNeuralNetwork", layer_sizes=kept, use_shortcut=use_shortcut)
    expect_equal(kept.value(), widths, "layer_sizes after building a network")


@given(size=NETWORKS, seed=seeds())
def test_the_output_equals_the_formula(learner: Port, size: Size, seed: int) -> None:
    """The output is that of five linear layers with GELU, with and without shortcuts, for all widths."""
    x, parameters = NETWORK.inputs(size, seed), NETWORK.parameters(size, seed)
    got = expect_tensor(NETWORK.built(learner, size, parameters)(x), (size["batch"], size["widths"][-1]), FLOAT64)
    candidates = [computed(x, parameters, size["use_shortcut"], form) for form in GELU_FORMS]
    expected = candidates[closest(got, candidates)]
    expect_equal(got, expected, "the output", dims=("row", "feature"), tolerance=FLOAT32)


@given(size=NETWORKS, seed=seeds())
def test_gradients_equal_the_formula(learner: Port, size: Size, seed: int) -> None:
    """The gradients of the input and of every parameter are those of the formula."""
    x, parameters = NETWORK.inputs(size, seed), NETWORK.parameters(size, seed)
    got = NETWORK.built(learner, size, parameters).gradients(x)
    output = expect_tensor(got.output, (size["batch"], size["widths"][-1]), FLOAT64)
    candidates, gradients = [], []
    for form in GELU_FORMS:
        leaves = {name: value.clone().requires_grad_() for name, value in {"x": x, **parameters}.items()}
        result = computed(leaves.pop("x").requires_grad_(), leaves, size["use_shortcut"], form)
        candidates.append(result.detach())
        gradients.append(torch.autograd.grad(result.sum(), list(leaves.values())))
    expected = gradients[closest(output, candidates)]
    for name, gradient in zip(parameters, expected, strict=True):
        expect_equal(got.parameters.get(name), gradient, f"the gradient of {name}", tolerance=FLOAT32)


@given(widths=st.tuples(*[sizes(1, 3)] * 5), seed=seeds())
def test_printed_numbers_equal_the_formula(learner: Port, widths: tuple[int, ...], seed: int) -> None:
    """For models of all widths, each weight has a line with the mean of the absolute values of its gradient."""
    widths = (*widths, 1)
    parameters, x = plain_weights(widths, seed), values(1, widths[0], seed=seed).float()
    lines = printed_lines(learner, widths, parameters, x)
    expect_lines_of_weights(lines)
    for name, expected in gradient_means(widths, parameters, x).items():
        expect_number_in(lines[name], name, expected, f"widths {widths}")
