"""Hidden checks of `adaline`: data of many shapes, compared with the rule and with the reference."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_array, expect_equal, expect_same, seeds, sizes
from tests.visible.neurons import (
    HUGE,
    Array,
    any_weights_of,
    bias_of,
    examples,
    fitted,
    labels,
    losses_of,
    neuron,
    targets,
    weights_of,
)

ETAS = st.sampled_from([0.01, 0.05, 0.1])


def mean_square(x: Array, y: Array, weights: Array, bias: float) -> float:
    """Compute the mean squared error for these weights and this bias."""
    return float(np.mean((y - x @ weights - bias) ** 2))


@given(count=sizes(1, 5), features=sizes(1, 4), epochs=sizes(0, 3), eta=st.sampled_from([0.1, 0.0, 2.0]), seed=seeds())
def test_fit_leaves_what_is_due_for_every_shape(
    learner: Port, count: int, features: int, epochs: int, eta: float, seed: int
) -> None:
    """For any number of examples, features and epochs, `w_`, `b_` and `losses_` have the right form."""
    model = fitted(learner, examples(count, features, seed), targets(count, seed), eta=eta, n_iter=epochs)
    weights_of(model, features)
    bias_of(model)
    losses_of(model, epochs)


@given(count=sizes(1, 4), features=sizes(1, 3), seed=seeds())
def test_fit_returns_the_very_same_object(learner: Port, count: int, features: int, seed: int) -> None:
    """`fit` returns the object itself, not a copy: whatever happens to one later happens to the other."""
    model = neuron(learner, eta=0.1, n_iter=1)
    same = model.keep("fit", examples(count, features, seed), targets(count, seed))
    same.keep("fit", examples(count, features, seed + 1), targets(count, seed + 1))
    what = "w_ of the object itself, compared with what `fit` returned,"
    expect_same(any_weights_of(model), same.attribute("w_"), what, dims=("feature",))


@given(count=sizes(1, 5), features=sizes(1, 4), epochs=sizes(0, 4), eta=ETAS, seed=seeds())
def test_one_more_epoch_is_one_step_of_the_rule(
    learner: Port, count: int, features: int, epochs: int, eta: float, seed: int
) -> None:
    """With two classes, one more epoch moves weights and bias by one step of the rule, wherever they start."""
    x, y = examples(count, features, seed), labels(count, seed)
    before, after = (fitted(learner, x, y, eta=eta, n_iter=number) for number in (epochs, epochs + 1))
    weights, bias = weights_of(before, features), bias_of(before)
    errors = y - x @ weights - bias
    expected = weights + eta * 2 / count * x.T @ errors
    expect_equal(weights_of(after, features), expected, f"w_ after {epochs + 1} epochs", dims=("feature",))
    expect_equal(bias_of(after), float(bias + eta * 2 * errors.mean()), f"b_ after {epochs + 1} epochs")


@given(count=sizes(1, 5), features=sizes(1, 4), seed=seeds())
def test_every_loss_is_that_of_the_weights_before_its_update(
    learner: Port, count: int, features: int, seed: int
) -> None:
    """The loss of epoch k, counted from 0, is the mean squared error after k updates."""
    x, y = examples(count, features, seed), labels(count, seed)
    states = [fitted(learner, x, y, eta=0.1, n_iter=number) for number in range(3)]
    expected = [mean_square(x, y, weights_of(state, features), bias_of(state)) for state in states]
    expect_equal(losses_of(fitted(learner, x, y, eta=0.1, n_iter=3), 3), expected, "losses_")


@given(count=sizes(1, 5), features=sizes(1, 4), epochs=sizes(1, 5), eta=ETAS, seed=seeds())
def test_the_training_equals_the_reference(
    learner: Port, reference: Port, count: int, features: int, epochs: int, eta: float, seed: int
) -> None:
    """With targets so large that the start doesn't matter, weights, bias and losses match the reference."""
    x, y = examples(count, features, seed), targets(count, seed)
    model, reference_model = (fitted(port, x, y, eta=eta, n_iter=epochs) for port in (learner, reference))
    expect_equal(model.attribute("w_"), weights_of(reference_model, features), "w_", dims=("feature",))
    expect_equal(bias_of(model), bias_of(reference_model), "b_")
    got, expected = ([loss / HUGE**2 for loss in losses_of(each, epochs)] for each in (model, reference_model))
    expect_equal(got, expected, "losses_ / 10^18")


@given(count=sizes(1, 6), features=sizes(1, 3), seed=seeds())
def test_net_input_and_predictions_of_new_examples(learner: Port, count: int, features: int, seed: int) -> None:
    """`net_input` and `predict` also work on examples that `fit` hasn't seen, however many there are."""
    model = fitted(learner, examples(4, features, seed), labels(4, seed), eta=0.2, n_iter=5)
    x = examples(count, features, seed + 1)
    net = x @ weights_of(model, features) + bias_of(model)
    expect_equal(model.call("net_input", x), net, "the net input", dims=("example",))
    got = model.call("predict", x)
    dtype = str(got.dtype) if isinstance(got, np.ndarray) else ""
    whole = dtype if dtype.startswith(("int", "uint")) else "int64"
    predicted = expect_array(got, (count,), whole, "the prediction")
    where = f"the net inputs are {', '.join(f'{value:.4g}' for value in net)}"
    expected = [int(value >= 0.5) for value in net]
    expect(predicted.tolist() == expected, got=str(predicted.tolist()), expected=str(expected), where=where)


@given(level=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), features=sizes(1, 3))
def test_the_line_is_drawn_at_one_half(learner: Port, level: float, features: int) -> None:
    """A net input of at least 0.5 means class 1, and a smaller one means class 0."""
    x, y = np.zeros((4, features)), (np.arange(4) < 4 * level).astype(np.float64)
    # One step with this eta takes the bias to the mean of the targets, wherever it starts.
    model = fitted(learner, x, y, eta=0.5, n_iter=1)
    net = expect_array(model.call("net_input", x), (4,), "float64", "the net input")
    got = model.call("predict", x)
    predicted = got.tolist() if isinstance(got, np.ndarray) else got
    expected = [int(value >= 0.5) for value in net]
    expect(
        predicted == expected, got=str(predicted), expected=str(expected), where=f"the net inputs are all {net[0]:.4g}"
    )


@given(features=sizes(1, 3), more=sizes(1, 3), seed=seeds())
def test_a_second_fit_forgets_the_first(learner: Port, features: int, more: int, seed: int) -> None:
    """A second `fit` on other data gives what a new neuron gives, even with another number of features."""
    x, y = examples(3, more, seed), targets(3, seed)
    used = neuron(learner, eta=0.1, n_iter=2)
    used.keep("fit", examples(4, features, seed + 1), targets(4, seed + 1))
    used.keep("fit", x, y)
    new = fitted(learner, x, y, eta=0.1, n_iter=2)
    what = "w_ after the second fit, compared with a new neuron,"
    expect_same(used.attribute("w_"), any_weights_of(new), what, dims=("feature",))
    expect_same(bias_of(used), bias_of(new), "b_ after the second fit, compared with a new neuron")
    losses_of(used, 2)


@given(features=sizes(1, 3), state=sizes(0, 5), epochs=sizes(0, 2), seed=seeds())
def test_random_state_decides_the_start(learner: Port, features: int, state: int, epochs: int, seed: int) -> None:
    """The same `random_state` gives the same training, in a second `fit` and in another neuron; the start is small."""
    x, y = examples(3, features, seed), labels(3, seed)
    model = fitted(learner, x, y, eta=0.1, n_iter=epochs, random_state=state)
    first = weights_of(model, features)
    model.keep("fit", x, y)
    expect_same(weights_of(model, features), first, "w_ after a second fit", dims=("feature",))
    other = fitted(learner, x, y, eta=0.1, n_iter=epochs, random_state=state)
    expect_same(
        weights_of(other, features), first, "w_ of another neuron with the same random_state", dims=("feature",)
    )
    start = fitted(learner, x, y, n_iter=0, random_state=state)
    largest = max(abs(bias_of(start)), *np.abs(weights_of(start, features)).tolist())
    expect(largest < 1, got=f"{largest:.4g}", expected="less than 1", where="the largest number at the start")


def test_targets_may_be_any_numbers(learner: Port) -> None:
    """Targets needn't be whole numbers: with the target 0.25, the net input comes close to 0.25."""
    x, y = np.ones((1, 1)), np.array([0.25])
    got = fitted(learner, x, y, eta=0.2, n_iter=60).call("net_input", x)
    expect_equal(got, y, "the net input after 60 epochs", dims=("example",))


@given(count=st.sampled_from([33, 40, 70, 130]), seed=seeds())
def test_all_examples_of_a_large_set_make_one_update(learner: Port, reference: Port, count: int, seed: int) -> None:
    """An epoch is one update from all the examples, however many there are."""
    x, y = examples(count, 2, seed), targets(count, seed)
    model, reference_model = (fitted(port, x, y, eta=0.1, n_iter=2) for port in (learner, reference))
    expect_equal(model.attribute("w_"), weights_of(reference_model, 2), "w_", dims=("feature",))
    expect_equal(bias_of(model), bias_of(reference_model), "b_")


def test_the_settings_have_their_defaults(learner: Port) -> None:
    """By default, eta is 0.01, n_iter is 50 and random_state is 1."""
    x, y = examples(4, 2, seed=3), targets(4, seed=3)
    given_none, given_all = fitted(learner, x, y), fitted(learner, x, y, eta=0.01, n_iter=50, random_state=1)
    expected = weights_of(given_all)
    expect_same(weights_of(given_none), expected, "w_ with no settings given", dims=("feature",))
    losses_of(given_none, 50)
    starts = [fitted(learner, x, y, n_iter=0, **settings) for settings in ({}, {"random_state": 1})]
    first, other = (weights_of(start) for start in starts)
    expect_same(first, other, "w_ at the start with no random_state given", dims=("feature",))


@given(count=sizes(1, 4), features=sizes(1, 3), seed=seeds(), strided=st.booleans())
def test_arrays_of_every_kind_are_left_alone(
    learner: Port, count: int, features: int, seed: int, strided: bool
) -> None:
    """`fit`, `net_input` and `predict` leave X and y unchanged, and accept any memory layout."""
    x, y = examples(count, features, seed), targets(count, seed)
    kept, kept_targets = learner.put(x, strided=strided), learner.put(y, strided=strided)
    model = neuron(learner, eta=0.1, n_iter=2)
    model.keep("fit", kept, kept_targets)
    for method in ("net_input", "predict"):
        model.keep(method, kept)
    expect_equal(kept.value(), x, "X after the calls", dims=("example", "feature"))
    expect_equal(kept_targets.value(), y, "y after the call", dims=("example",))
