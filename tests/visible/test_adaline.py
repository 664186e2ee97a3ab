"""Visible checks of `adaline`: rules that every right answer obeys, and numbers that you can work out by hand."""

import itertools

import numpy as np
from hypothesis import given

from grader.checks import Golden, Port, expect, expect_array, expect_equal, expect_same, seeds, sizes, what_came
from tests.visible.neurons import (
    HUGE,
    X,
    Y,
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


def test_fit_returns_the_object_itself(learner: Port) -> None:
    """`fit` returns the object itself, so you can write `AdalineGD().fit(X, y).predict(X)`.

    How does `fit` end? A method without a `return` returns None.
    """
    model = neuron(learner, eta=0.1, n_iter=1)
    returned = model.call("fit", X, Y)
    expect(returned is not None, got="None: is a `return` missing?", expected="the object itself")
    plain = isinstance(returned, (bool, int, float, str, list, tuple, dict, np.ndarray))
    expect(not plain, got=what_came(returned), expected="the object itself")


def test_there_is_one_weight_a_feature_and_one_bias(learner: Port) -> None:
    """After `fit`, `w_` is a float64 array with one weight per feature, and `b_` is a single number.

    The bias isn't part of `w_`.
    """
    for features in (1, 3):
        model = fitted(learner, examples(4, features, seed=1), targets(4, seed=1), eta=0.1, n_iter=1)
        weights_of(model, features)
        bias_of(model)


def test_there_is_one_loss_an_epoch(learner: Port) -> None:
    """After `fit`, `losses_` is a list of `n_iter` floats, one per epoch, whether the loss falls, rises or stays."""
    for eta in (0.0, 0.1, 1.0):
        losses_of(fitted(learner, eta=eta, n_iter=4), 4)


def test_the_net_input_is_the_weighted_sum_plus_the_bias(learner: Port) -> None:
    """`net_input` returns the weighted sum of the features plus the bias, one number for each example."""
    model = fitted(learner, eta=0.1, n_iter=1)
    for count in (1, 3):
        x = examples(count, 2, seed=5)
        expected = x @ weights_of(model) + bias_of(model)
        expect_equal(model.call("net_input", x), expected, "the net input", dims=("example",))


def test_predictions_are_the_whole_numbers_0_and_1(learner: Port) -> None:
    """`predict` returns an array of whole numbers, one per example, each 0 or 1."""
    got = fitted(learner, X, Y / HUGE, eta=0.1, n_iter=10).call("predict", X)
    named = str(got.dtype) if isinstance(got, np.ndarray) else what_came(got)
    expect(named.startswith(("int", "uint")), got=named, expected="an array of whole numbers")
    expect_array(got, (4,), named, "the prediction")
    expect(set(got.tolist()) <= {0, 1}, got=str(got.tolist()), expected="only 0 and 1")


def test_a_net_input_of_at_least_one_half_is_class_1(learner: Port) -> None:
    """`predict` returns 1 if the net input is at least 0.5, and 0 if it is less."""
    # This leaves weight and bias near 0.4. The expected classes come from the learner's own net input.
    model = fitted(learner, np.array([[-1.0], [1.0]]), np.array([0.0, 1.0]), eta=0.4, n_iter=1)
    x = np.array([[-3.0], [-0.5], [0.75], [3.0]])
    net = expect_array(model.call("net_input", x), (4,), "float64", "the net input")
    got = model.call("predict", x)
    where = f"the net inputs are {', '.join(f'{value:.4g}' for value in net)}"
    predicted = np.asarray(got, dtype=np.float64).reshape(-1).tolist() if isinstance(got, np.ndarray) else []
    expected = [1.0 if value >= 0.5 else 0.0 for value in net]
    # Another check looks at their type.
    expect(
        [label == 1 for label in predicted] == [label == 1 for label in expected],
        got=str(predicted),
        expected=str(expected),
        where=where,
    )


def test_exactly_one_half_is_class_1(learner: Port) -> None:
    """A net input of exactly 0.5 means class 1, because the rule says "at least 0.5"."""
    # From examples of zeros, only the bias learns; one step with this eta takes it to the mean of the targets.
    model = fitted(learner, np.zeros((2, 1)), np.array([0.0, 1.0]), eta=0.5, n_iter=1)
    net = expect_array(model.call("net_input", np.zeros((1, 1))), (1,), "float64", "the net input")
    got = model.call("predict", np.zeros((1, 1)))
    predicted = np.asarray(got, dtype=np.float64).reshape(-1).tolist() if isinstance(got, np.ndarray) else []
    expected = 1.0 if net[0] >= 0.5 else 0.0
    right = len(predicted) == 1 and (predicted[0] == 1) == (expected == 1)
    expect(right, got=str(predicted), expected=str([expected]), where=f"the net input is {net[0]:.4g}")


def test_the_loss_does_not_grow(learner: Port) -> None:
    """With a small learning rate, the loss never rises: each step goes against the gradient, downhill."""
    losses = losses_of(fitted(learner, eta=0.01, n_iter=3), 3)
    grows = any(later > earlier for earlier, later in itertools.pairwise(losses))
    expect(not grows, got=", ".join(f"{loss:.4g}" for loss in losses), expected="none larger than the one before")


def test_the_order_of_the_examples_does_not_matter(learner: Port) -> None:
    """Examples in a different order give the same weights: each epoch makes one update, from all of them.

    Do you update after each example? That's stochastic gradient descent, and there the order matters.
    """
    first, other = (fitted(learner, X[order], Y[order], eta=0.1, n_iter=1) for order in ([0, 1, 2, 3], [2, 3, 1, 0]))
    expect_same(weights_of(other), weights_of(first), "w_ with the examples in another order", dims=("feature",))


def test_each_example_twice_changes_nothing(learner: Port) -> None:
    """If every example appears twice, weights, bias and losses stay the same: gradients and losses are means."""
    once = fitted(learner, eta=0.1, n_iter=2)
    twice = fitted(learner, np.concatenate([X, X]), np.concatenate([Y, Y]), eta=0.1, n_iter=2)
    expected, got = weights_of(once), weights_of(twice)
    expect_same(got, expected, "w_ with each example twice", dims=("feature",))
    expect_same(bias_of(twice), bias_of(once), "b_ with each example twice")
    expect_same(losses_of(twice, 2), losses_of(once, 2), "losses_ with each example twice")


@given(count=sizes(1, 4), features=sizes(1, 3), seed=seeds())
def test_a_feature_of_zeros_teaches_nothing(learner: Port, count: int, features: int, seed: int) -> None:
    """Each weight learns from its own feature: if a feature is always 0, its weight stays where it started."""
    x, y = examples(count, features + 1, seed), targets(count, seed)
    x[:, 0] = 0.0
    weights = weights_of(fitted(learner, x, y, eta=0.1, n_iter=2), features + 1)
    # Next to targets around 10^9, any starting value is negligible.
    expect(abs(weights[0]) < 1e5, got=f"{weights[0]:.4g}", expected="a small number, as at the start", where="w_[0]")


def test_the_weights_move_by_the_gradient(learner: Port) -> None:
    """One epoch moves each weight by eta times 2/n times the sum, over the n examples, of error times feature."""
    got = fitted(learner, eta=0.1, n_iter=1).attribute("w_")
    # The errors are the targets; their products with the features add up to 5 and 2: 0.1 * 2 / 4 * (5, 2).
    expect_equal(got, HUGE * np.array([0.25, 0.1]), "w_ after one epoch", dims=("feature",))


def test_the_bias_moves_by_the_gradient(learner: Port) -> None:
    """One epoch moves the bias by eta times 2 times the mean of the errors."""
    # 0.1 * 2 * 3 / 4.
    expect_equal(bias_of(fitted(learner, eta=0.1, n_iter=1)), HUGE * 0.15, "b_ after one epoch")


def test_at_the_bottom_nothing_moves(learner: Port) -> None:
    """Each epoch uses the errors that the previous one left: at the bottom of the valley, nothing moves.

    For these examples, one step with eta=0.5 reaches the bottom, wherever it starts.
    """
    x, y = np.array([[-1.0], [1.0], [1.0], [-1.0]]), HUGE * np.array([0.0, 1.0, 0.5, 0.0])
    once, twice = (fitted(learner, x, y, eta=0.5, n_iter=number) for number in (1, 2))
    got, expected = weights_of(twice, 1), weights_of(once, 1)
    expect_same(got, expected, "w_ after one more epoch", dims=("feature",))
    expect_same(bias_of(twice), bias_of(once), "b_ after one more epoch")


def test_a_loss_is_taken_before_the_update(learner: Port) -> None:
    """An epoch's loss is computed before its update, so the first loss doesn't depend on eta."""
    first, other = (losses_of(fitted(learner, eta=eta, n_iter=1), 1)[0] for eta in (0.05, 0.1))
    expect_same(other / HUGE**2, first / HUGE**2, "losses_[0] / 10^18 with another eta")


def test_the_loss_is_the_mean_of_the_squared_errors(learner: Port) -> None:
    """The first loss is the mean of the squared errors of the starting values.

    The targets are so large here that, at the start, each error is practically the target itself.
    """
    losses = losses_of(fitted(learner, eta=0.1, n_iter=1), 1)
    expect_equal(losses[0] / HUGE**2, 0.75, "losses_[0] / 10^18")


def test_a_second_fit_starts_anew(learner: Port) -> None:
    """A second `fit` starts over: it gives the same result as the first, and lists only its own losses."""
    model = neuron(learner, eta=0.1, n_iter=2)
    model.keep("fit", X, Y)
    expected, bias = any_weights_of(model), bias_of(model)
    model.keep("fit", X, Y)
    expect_same(model.attribute("w_"), expected, "w_ after the second fit", dims=("feature",))
    expect_same(bias_of(model), bias, "b_ after the second fit")
    losses_of(model, 2)


def test_the_start_is_small_and_the_same_each_time(learner: Port) -> None:
    """With `n_iter=0` you see the start: weights and bias below 1 in size, no losses, the same after every `fit`.

    Where do you create the random generator? Every `fit` needs a fresh one, made from `random_state`.
    """
    model = fitted(learner, X, labels(4, seed=3), n_iter=0, random_state=7)
    first, bias = weights_of(model), bias_of(model)
    losses_of(model, 0)
    largest = max(abs(bias), *np.abs(first).tolist())
    expect(largest < 1, got=f"{largest:.4g}", expected="less than 1", where="the largest number at the start")
    model.keep("fit", X, labels(4, seed=3))
    expect_same(weights_of(model), first, "w_ at the start of the second fit", dims=("feature",))
    again = fitted(learner, X, labels(4, seed=3), n_iter=0, random_state=7)
    expect_same(weights_of(again), first, "w_ of another neuron with the same random_state", dims=("feature",))


def test_x_and_y_stay_as_they_were(learner: Port) -> None:
    """`fit` and `predict` leave X and y unchanged.

    `X -= X.mean()` writes into the caller's array; `X = X - X.mean()` makes a new one.
    """
    x, y = learner.put(X), learner.put(Y)
    model = neuron(learner, eta=0.1, n_iter=2)
    model.keep("fit", x, y)
    model.keep("predict", x)
    expect_equal(x.value(), X, "X after the calls", dims=("example", "feature"))
    expect_equal(y.value(), Y, "y after the call", dims=("example",))


def test_the_recorded_training_comes_out(learner: Port, golden: Golden) -> None:
    """A training run of three epochs gives the weights, bias and losses that a correct solution gives."""
    model = fitted(learner, examples(5, 2, seed=11), targets(5, seed=11), eta=0.2, n_iter=3)
    golden.expect("weights", model.attribute("w_"), "w_", dims=("feature",))
    golden.expect("bias", bias_of(model), "b_")
    golden.expect("losses", [loss / HUGE**2 for loss in losses_of(model, 3)], "losses_ / 10^18")
