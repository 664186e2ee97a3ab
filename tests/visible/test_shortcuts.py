"""Visible checks of `shortcuts`: networks that only copy and add, and what print_gradients prints for known gradients.

Without weights, a layer's output is its bias, so an input that still arrives has taken a shortcut. Large numbers pass
through GELU unchanged, in both of its forms.
"""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Golden, Port, Tolerance, expect_equal, expect_tensor, laws, seeds, sizes, values
from tests.visible.networks import (
    EQUAL,
    FLOAT64,
    LARGE,
    LAYERS,
    NETWORK,
    WEIGHTS,
    expect_lines_of_weights,
    expect_number_in,
    gradient_means,
    network_of,
    number_in,
    plain_weights,
    printed_lines,
    shapes_of,
)

DIMS = ("row", "feature")
SINGLE = (1,) * 6
ROUGHLY = Tolerance(1e-4, 1.0)
"""Wide enough for both forms of GELU and for float32, too narrow for any other function."""
X = torch.tensor([[LARGE, 2 * LARGE]], dtype=FLOAT64)

test_there_are_five_layers = laws.parameters_are_exactly_these(
    NETWORK,
    title="There are five layers: `layers.0.0` to `layers.4.0` each have a weight and a bias, of the widths asked for.",
    hint="`layer_sizes` has the width of the input first. Modules in a plain Python list aren't found by torch.",
)
test_shape_and_dtype_are_right = laws.shape_and_dtype_are_right(NETWORK.of(use_shortcut=False))


def test_layer_sizes_stay_as_they_were(learner: Port) -> None:
    """The constructor reads `layer_sizes` without changing it: two networks may be built from one list."""
    kept = learner.put([2, 2, 3, 3, 2, 1])
    learner.build("ExampleDeepNeuralNetwork", layer_sizes=kept, use_shortcut=True)
    expect_equal(kept.value(), [2, 2, 3, 3, 2, 1], "layer_sizes after building a network")


def test_without_shortcuts_nothing_is_added(learner: Port) -> None:
    """With `use_shortcut=False`, nothing goes around a layer: if all weights and biases are 0, so is the output."""
    got = network_of(learner, EQUAL, use_shortcut=False)(X)
    expect_equal(got, torch.zeros_like(X), "the output of a network of zeros, without shortcuts", dims=DIMS)


def test_every_layer_ends_with_a_gelu(learner: Port) -> None:
    """Each of the five layers ends with a GELU, the last one too: GELU(-0.1) is about -0.046."""
    widths = (1, 2, 1, 2, 1, 2)  # no shortcut fits here
    expected = torch.nn.functional.gelu(torch.tensor(-0.1, dtype=FLOAT64))
    for layer in LAYERS:
        # Large numbers pass; this layer gets -0.1, and the next one makes the number large again.
        biases = [-LARGE - 0.1 if k == layer else LARGE if k == layer + 1 else 0.0 for k in LAYERS]
        network = network_of(learner, widths, use_shortcut=False, weight=1.0, biases=biases)
        got = expect_tensor(network(X[:, :1]), (1, 2), FLOAT64)
        offset = 0.0 if layer == LAYERS[-1] else LARGE
        what = f"what layers.{layer} makes of -0.1"
        expect_equal(got[0, 0] - offset, expected, what, tolerance=ROUGHLY)


def test_a_shortcut_carries_the_input(learner: Port) -> None:
    """With `use_shortcut=True`, the input is added to each output: even if all layers give 0, the input arrives.

    All widths are equal here, so there is a shortcut around each of the five layers.
    """
    got = network_of(learner, EQUAL, use_shortcut=True)(X)
    expect_equal(got, X, "the output of a network of zeros, with shortcuts", dims=DIMS)


def test_a_shortcut_goes_around_the_gelu(learner: Port) -> None:
    """The input is added after the GELU, so negative numbers arrive as well as positive ones.

    GELU(-10) is 0. In a network whose layers give 0, nothing should happen to an input of -10.
    """
    got = network_of(learner, EQUAL, use_shortcut=True)(-X)
    expect_equal(got, -X, "the output of a network of zeros for a negative input, with shortcuts", dims=DIMS)
    got = network_of(learner, EQUAL, use_shortcut=True, biases=(-LARGE,) * 5)(X)
    expect_equal(got, X, "the output of a network with weights 0 and biases -10, with shortcuts", dims=DIMS)


def test_a_shortcut_starts_at_its_own_layer(learner: Port) -> None:
    """What is added to a layer's output is the input of this layer: what the layers before it have made of x.

    With weights of 0, each layer adds its bias to the sum so far.
    """
    x = torch.full((1, 1), LARGE, dtype=FLOAT64)
    got = network_of(learner, SINGLE, use_shortcut=True, biases=(10.0, 20.0, 30.0, 40.0, 50.0))(x)
    expect_equal(got, x + 150, "the output for x = 10, with biases 10, 20, 30, 40, 50 and weights 0", dims=DIMS)


def test_the_next_layer_reads_the_sum(learner: Port) -> None:
    """A layer reads the sum that the layer before it made: with weights of 1, each layer doubles, so 10 becomes 320."""
    x = torch.full((1, 1), LARGE, dtype=FLOAT64)
    got = network_of(learner, SINGLE, use_shortcut=True, weight=1.0)(x)
    expect_equal(got, 32 * x, "the output for x = 10, with weights 1 and biases 0", dims=DIMS)


def test_nothing_is_added_where_widths_differ(learner: Port) -> None:
    """If a layer changes the width, there is no shortcut around it, even if torch would add the two.

    torch adds `(rows, 1)` to `(rows, 2)` without an error.
    """
    for widths in ((1, 2, 2, 2, 2, 2), (1, 2, 1, 2, 1, 2), (2, 1, 2, 1, 2, 1), (2, 3, 2, 3, 2, 3), (3, 2, 1, 3, 2, 1)):
        x = torch.full((2, widths[0]), LARGE, dtype=FLOAT64)
        got = network_of(learner, widths, use_shortcut=True, biases=(LARGE,) * 5)(x)
        total = LARGE * (1 + sum(widths[layer] == widths[layer + 1] for layer in LAYERS))
        expected = torch.full((2, widths[-1]), total, dtype=FLOAT64)
        expect_equal(got, expected, f"the output with widths {widths}, weights 0 and biases 10", dims=DIMS)


@given(widths=st.tuples(*[sizes(1, 2)] * 6))
def test_each_layer_decides_for_itself(learner: Port, widths: tuple[int, ...]) -> None:
    """There is a shortcut around each layer that keeps the width, whatever the other layers do.

    With weights of 0 and biases of 10, the output counts the layers since the width last changed.
    """
    x = torch.full((1, widths[0]), LARGE, dtype=FLOAT64)
    total = LARGE
    for layer in LAYERS:
        total = (total if widths[layer] == widths[layer + 1] else 0.0) + LARGE
    got = network_of(learner, widths, use_shortcut=True, biases=(LARGE,) * 5)(x)
    expected = torch.full((1, widths[-1]), total, dtype=FLOAT64)
    expect_equal(got, expected, f"the output with widths {widths}, weights 0 and biases 10", dims=DIMS)


test_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(NETWORK.of(batch=2, widths=EQUAL, use_shortcut=True))
test_gradients_fit_the_output = laws.gradients_fit_the_output(
    NETWORK.of(batch=sizes(1, 2), widths=st.sampled_from([EQUAL, SINGLE]), use_shortcut=True)
)


def test_each_weight_has_a_line(learner: Port) -> None:
    """print_gradients prints one line for each parameter with `weight` in its name, and none for biases."""
    parameters = plain_weights((2, 2, 2, 2, 2, 1), 1)
    expect_lines_of_weights(printed_lines(learner, (2, 2, 2, 2, 2, 1), parameters, torch.ones(1, 2)))


@given(seed=seeds())
def test_the_loss_is_the_squared_error_against_zero(learner: Port, seed: int) -> None:
    """The gradients come from the square of the model's output: with weight 1, input 1 and output y, they are 2y · y.

    The error is the distance from 0. All widths are 1 here, so each weight is a single number.
    """
    weights = {name: torch.ones(shape) for name, shape in shapes_of(SINGLE).items()}
    weights |= {name: torch.zeros(1) for name in weights if name.endswith("bias")}
    x = 1.0 + values(1, 1, seed=seed).abs().float()
    lines = printed_lines(learner, SINGLE, weights, x)
    for name in WEIGHTS:
        where = f"a model whose five weights are 1, biases 0, input {x.item():.4g}"
        expect_number_in(lines[name], name, 2 * x.item() ** 2, where)


@given(seed=seeds())
def test_the_number_is_the_mean_of_absolute_values(learner: Port, seed: int) -> None:
    """The number is the mean of the absolute values of a weight's gradient.

    Without absolute values, positive and negative slopes cancel, and large gradients look small.
    """
    widths = (3, 2, 1, 1, 1, 1)
    parameters, x = plain_weights(widths, seed), torch.tensor([[9.0, -4.0, 3.0]])
    lines = printed_lines(learner, widths, parameters, x)
    expected = gradient_means(widths, parameters, x)
    # Whatever the loss is, it changes all gradients by one factor; the last weight is a single number and shows it.
    last, rounding = number_in(lines[WEIGHTS[-1]], WEIGHTS[-1])
    factor = last / expected[WEIGHTS[-1]] if abs(last) > 100 * rounding else 1.0
    for name in WEIGHTS[:2]:
        where = f"where the gradient of {WEIGHTS[-1]} is {last:.4g}"
        expect_number_in(lines[name], name, abs(factor) * expected[name], where)


def test_the_recorded_network_comes_out(learner: Port, golden: Golden) -> None:
    """A network gives the numbers that a correct solution gives, with and without shortcuts.

    Its numbers are so large that both forms of GELU give the same.
    """
    x = torch.tensor([[LARGE, 2 * LARGE, 3 * LARGE]], dtype=FLOAT64)
    for use_shortcut in (False, True):
        network = network_of(
            learner, (3, 3, 3, 2, 2, 1), use_shortcut, weight=0.5, biases=(10.0, 20.0, 30.0, 40.0, 50.0)
        )
        golden.expect(f"use_shortcut={use_shortcut}", network(x), "the output", dims=DIMS)
