"""What can be measured about `adaline`, the most basic facts first.

Targets around 10^9 hide where weights and bias start. A neuron with one epoch more shows a single step from a state
that the neuron itself had.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable

import numpy as np

from grader.checks import Handle, Port, expect_array, fact, what_came
from grader.port import LearnerError
from grader.text import in_one_line
from tests.visible.neurons import HUGE, Array, X, Y, bias_of, fitted, losses_of, neuron, weights_of

LABELS = np.array([1.0, 0.0, 1.0, 0.0])
STEP = "Each epoch moves w_ by 2 · eta times the mean of error times feature, and b_ by 2 · eta times the mean error."
FORM = "After `fit`, `w_` has one float64 number a feature, `b_` is one number, and `losses_` a list of n_iter floats."
LOSS = "The loss of an epoch is the mean of the squared errors that the epoch learns from."


def _close(got: float, expected: float, size: float = 0.0) -> bool:
    return abs(got - expected) <= 1e-4 * max(abs(expected), size)


def _many(examples: int) -> str:
    return f"{examples} example{'s'[: examples > 1]}"


def _shown(numbers: Array | list[float]) -> str:
    return ", ".join(f"{number:.4g}" for number in np.asarray(numbers).reshape(-1))


def _state(learner: Port, x: Array, y: Array, epochs: int, eta: float = 0.1) -> Array:
    """Return weights and bias after some epochs, `(features + 1,)`."""
    model = fitted(learner, x, y, eta=eta, n_iter=epochs)
    return np.append(weights_of(model, x.shape[1]), bias_of(model))


def _raised(ask: Callable[[], object]) -> str:
    """Return what a call raises, in words; nothing if it raises nothing."""
    try:
        ask()
    except LearnerError as error:
        return in_one_line(error)
    return ""


@fact(why="Every call has to work for one example or many, one feature or many, and any number of epochs.", hint=FORM)
def raises(learner: Port) -> str | None:
    """Train and ask with the usual sizes, and then with special ones, until something raises an exception."""

    def trained(examples: int, features: int, epochs: int = 2, whole: bool = False) -> Handle:
        x = np.arange(1.0, 1 + examples * features).reshape(examples, features) / 10
        y = np.arange(examples) % 2
        return fitted(learner, x, y if whole else y.astype(np.float64), eta=0.1, n_iter=epochs)

    def again() -> object:
        model = trained(4, 2)
        model.keep("fit", np.ones((3, 1)), np.ones(3))
        return model.attribute("w_")

    def asked(method: str, examples: int) -> object:
        return trained(4, 2).call(method, np.ones((examples, 2)))

    usual = _raised(lambda: trained(4, 2).call("net_input", X))
    cases: list[tuple[str, Callable[[], object]]] = [
        ("`fit` with n_iter=0", lambda: trained(4, 2, 0).attribute("w_")),
        ("`fit` with n_iter=1", lambda: trained(4, 2, 1).attribute("w_")),
        ("`fit` with a single feature", lambda: trained(4, 1).attribute("w_")),
        ("`fit` with a single example", lambda: trained(1, 2).attribute("w_")),
        ("`fit` with 2 examples of 5 features", lambda: trained(2, 5).attribute("w_")),
        ("`fit` with whole numbers as targets", lambda: trained(4, 2, whole=True).attribute("w_")),
        ("a second `fit`, on 3 examples with 1 feature,", again),
        ("`predict`, on the 4 examples of `fit`,", lambda: asked("predict", 4)),
        *(
            (f"`{name}` on {n} example{'s'[: n > 1]}", lambda name=name, n=n: asked(name, n))
            for name in ("net_input", "predict")
            for n in (1, 3)
        ),
    ]
    if usual:
        return f"With 4 examples of 2 features, your `fit` or `net_input` raises {usual}."
    found = ((case, text) for case, ask in cases if (text := _raised(ask)))
    return next(
        (f"Your code works for 4 examples of 2 features, but {case} raises {text}." for case, text in found), None
    )


@fact(why="Then calls can be chained: `AdalineGD().fit(X, y).predict(X)`.", hint="Which object should `fit` return?")
def result_of_fit(learner: Port) -> str | None:
    """Look at what `fit` returns, then train that and see whether the neuron learned, too."""
    model = neuron(learner, eta=0.1, n_iter=1)
    returned = model.call("fit", X, Y)
    if returned is None or isinstance(returned, bool | int | float | str | list | tuple | dict | np.ndarray):
        came = "None" if returned is None else what_came(returned)
        return f"Your `fit` returns {came}, expected the neuron itself."
    same = model.keep("fit", X, Y)
    same.keep("fit", X, -Y)
    if _close(weights_of(model)[0], weights_of(same)[0]):
        return None
    return "If what your `fit` returns is trained again, the neuron itself doesn't learn: `fit` returns another object."


@fact(
    why="They belong to the caller, who still needs them.", hint="Look for `-=`, `*=` and assignments to X[…] or y[…]."
)
def arguments(learner: Port) -> str | None:
    """Keep X and y on the learner's side, train and predict, and look at them again."""
    x, y = learner.put(X), learner.put(Y)
    model = neuron(learner, eta=0.1, n_iter=2)
    for method, given in (("fit", (x, y)), ("net_input", (x,)), ("predict", (x,))):
        model.call(method, *given)
        for name, kept, before in (("X", x, X), ("y", y, Y)):
            after = np.asarray(kept.value())
            if after.shape != before.shape or not (after == before).all():
                return f"Your `{method}` changes {name}: from {_shown(before[:2])}, … to {_shown(after[:2])}, …"
    return None


@fact(why=FORM, hint="Print the three attributes after a `fit` with two features and three epochs, and their types.")
def attributes(learner: Port) -> str | None:
    """Look at the three attributes after training with two sizes."""
    for features in (2, 3):
        model = fitted(learner, np.ones((4, features)), LABELS, eta=0.1, n_iter=3)
        model.port.flush()
        for name in ("w_", "b_", "losses_"):
            if _raised(functools.partial(model.attribute, name)):
                return f"After `fit`, your neuron has no `{name}`."
        weights, bias, losses = (model.attribute(name) for name in ("w_", "b_", "losses_"))
        if not isinstance(weights, np.ndarray):
            return f"Your `w_` is {what_came(weights)}, expected an array."
        if weights.shape != (features,) or weights.dtype != np.float64:
            return (
                f"With {features} features, your `w_` is {weights.dtype} of shape {weights.shape}, expected float64 of "
                f"shape ({features},)."
            )
        if isinstance(bias, np.ndarray) and bias.size != 1:
            return f"With 4 examples of {features} features, your `b_` has the shape {bias.shape}, expected one number."
        if not isinstance(bias, int | float | np.ndarray):
            return f"Your `b_` is {what_came(bias)}, expected one number."
        if not isinstance(losses, list) or any(type(loss) is not float for loss in losses):
            return f"Your `losses_` is {what_came(losses)}, expected a list of floats."
    return None


@fact(
    why="`losses_` lists the epochs of the last `fit`, n_iter of them, whatever the loss does.",
    hint="When do losses start again?",
)
def number_of_losses(learner: Port) -> str | None:
    """Count the losses of new neurons, for several n_iter, and without any progress."""

    def count(epochs: int, eta: float = 0.1, y: Array = LABELS) -> int:
        losses = fitted(learner, X, y, eta=eta, n_iter=epochs).attribute("losses_")
        return len(losses) if isinstance(losses, list) else 0

    first, second = count(3), count(3)
    if second == first + 3:
        return (
            "A new neuron's `losses_` isn't empty when `fit` begins: with n_iter=3, each new neuron has 3 losses more "
            "than the one before. All neurons share one list."
        )
    counts = {epochs: count(epochs) for epochs in (3, 5, 0, 1)}
    for epochs, found in counts.items():
        if found != epochs:
            shift = found - epochs
            always = len(set(counts.values())) == 1
            more = " as with any other number" if always else f", {abs(shift)} too {'many' if shift > 0 else 'few'}"
            return f"With n_iter={epochs}, your `losses_` has {found} entr{'y' if found == 1 else 'ies'}{more}."
    for what, given in {
        "a learning rate of 0": (4, 0.0, LABELS),
        "a loss that grows": (4, 1.0, LABELS),
        "large targets": (4, 0.1, Y),
        "targets that are all 0": (200, 0.1, 0 * LABELS),
    }.items():
        if (found := count(*given)) != given[0]:
            return f"With {what}, your training stops early: {found} losses with n_iter={given[0]}."
    return None


@fact(
    why="Training starts from small numbers that depend on `random_state`, and on nothing else.",
    hint="Where do w_ and b_ get their first values?",
)
def start(learner: Port) -> str | None:
    """Look at weights and bias after `fit` with n_iter=0, twice, and in two neurons."""
    model = neuron(learner, eta=0.1, n_iter=0, random_state=7)
    found = []
    for made in (model, model, neuron(learner, eta=0.1, n_iter=0, random_state=7)):
        made.keep("fit", X, LABELS)
        found.append(np.append(weights_of(made), bias_of(made)))
    for name, part in (("w_", slice(0, 2)), ("b_", slice(2, 3))):
        first, again, other = (state[part] for state in found)
        if np.abs(first).max() >= 1:
            return f"With n_iter=0, your `{name}` is {_shown(first)}, expected numbers below 1 in size."
        if (other != first).any():
            return (
                f"With random_state=7 and n_iter=0, your `{name}` is {_shown(first)} in one neuron and "
                f"{_shown(other)} in another, expected the same."
            )
        if (again != first).any():
            return (
                f"With n_iter=0, your `{name}` is {_shown(first)} after the first `fit` and {_shown(again)} after the "
                f"second of the same neuron, expected the same."
            )
    return None


@fact(
    why="Every `fit` starts over, as if there had been none before.",
    hint="What from the first `fit` is still there in the second?",
)
def second_fit(learner: Port) -> str | None:
    """Train a neuron on other data first, with as many features and with fewer, and compare it with a new one."""
    for other in (X, X[:3]):
        used = neuron(learner, eta=0.1, n_iter=2)
        used.keep("fit", other, -Y[: len(other)])
        used.keep("fit", X, Y)
        new = fitted(learner, X, Y, eta=0.1, n_iter=2)
        if not (_close(weights_of(used)[0], weights_of(new)[0]) and _close(bias_of(used), bias_of(new))):
            return (
                f"A neuron that was trained before gets w_ = {_shown(weights_of(used))} and b_ = {bias_of(used):.4g}, "
                f"a new one w_ = {_shown(weights_of(new))} and b_ = {bias_of(new):.4g}."
            )
        losses = used.attribute("losses_")
        if isinstance(losses, list) and len(losses) != 2:
            return f"After a second `fit` with n_iter=2, your `losses_` has {len(losses)} entries, expected 2."
    return None


@fact(
    why="The net input is the sum of weight times feature, plus the bias, for each example.",
    hint="Work out your net input for an example of zeros, and then for one feature of 1.",
)
def net_input(learner: Port) -> str | None:
    """Ask for the net inputs of zeros, of a single 1, and of other examples, together and one at a time."""
    x = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [4.0, 6.0], [-4.0, -3.0], [0.5, 0.5]])
    model = fitted(learner, X, LABELS, eta=0.2, n_iter=1)
    weights, bias = weights_of(model), bias_of(model)
    sums = x @ weights
    for rows in (slice(0, 1), slice(0, 2), slice(0, 4), slice(0, 6)):
        got, expected = model.call("net_input", x[rows]), sums[rows] + bias
        if not isinstance(got, np.ndarray) or got.shape != expected.shape or got.dtype != np.float64:
            came = f"{got.dtype} of shape {got.shape}" if isinstance(got, np.ndarray) else what_came(got)
            return (
                f"For {_many(len(expected))}, your `net_input` returns {came}, expected float64 of shape "
                f"({len(expected)},)."
            )
        for row, number, wanted, plain in zip(x, got, expected, sums, strict=False):
            if _close(number, wanted, 0.01):
                continue
            with np.errstate(over="ignore"):
                known = {
                    "without the bias": plain,
                    "minus the bias": plain - bias,
                    "the weighted sum plus twice the bias": plain + 2 * bias,
                    "divided by the number of features, plus the bias": plain / 2 + bias,
                    "the sigmoid of what is expected": 1 / (1 + np.exp(-wanted)),
                    "the tanh of what is expected": np.tanh(wanted),
                    "what is expected, with numbers below 0 cut off": max(wanted, 0.0),
                    "a class, not the net input": float(wanted >= 0.5),
                }
            name = next((text for text, value in known.items() if _close(number, value, 0.01)), "")
            return (
                f"With w_ = {_shown(weights)} and b_ = {bias:.4g}, the net input of ({_shown(row)}) is {number:.4g} in "
                f"your code, expected {wanted:.4g}{f'; yours is {name}' if name else ''}."
            )
    return None


@fact(
    why="`predict` returns an int array: 1 for a net input of at least 0.5, and 0 for a smaller one.",
    hint="Print net inputs next to predictions for a few examples.",
)
def predictions(learner: Port) -> str | None:
    """Compare predictions with the neuron's own net inputs, together and one at a time."""
    model = fitted(learner, np.array([[-1.0], [1.0]]), np.array([0.0, 1.0]), eta=0.4, n_iter=1)
    weight, bias = float(weights_of(model, 1)[0]), bias_of(model)
    wanted = np.array([0.2, 0.7, -0.3, 0.45, 0.55, 0.95, 1.2, 1.8, 2.6, -0.8, -2.0, 6.0])
    x = ((wanted - bias) / weight)[:, None]
    net = expect_array(model.call("net_input", x), (12,), "float64")
    for rows in (slice(0, 2), slice(0, 1), slice(0, 12)):
        got = model.call("predict", x[rows])
        count = len(x[rows])
        if not isinstance(got, np.ndarray) or got.shape != (count,) or got.dtype.kind not in "iu":
            came = f"{got.dtype} of shape {got.shape}" if isinstance(got, np.ndarray) else what_came(got)
            return f"For {_many(count)}, your `predict` returns {came}, expected whole numbers of shape ({count},)."
    together = np.asarray(model.call("predict", x)).tolist()
    alone = [np.asarray(model.call("predict", row[None]))[0] for row in x]
    for number, one, other in zip(net, alone, together, strict=True):
        if one != other:
            return (
                f"An example with the net input {number:.4g} gets class {one} by itself and class {other} among "
                f"others, expected {int(number >= 0.5)} both times."
            )
    for number, label in sorted(zip(net, together, strict=True), key=lambda pair: abs(pair[0] - 0.5)):
        if label not in (0, 1):
            return f"For a net input of {number:.4g}, your `predict` returns {label}, expected {int(number >= 0.5)}."
    pairs = sorted(zip(net.tolist(), together, strict=True))
    wrong = [pair for pair in pairs if pair[1] != int(pair[0] >= 0.5)]
    if len(wrong) == len(pairs):
        return "Your `predict` returns 0 for net inputs of at least 0.5 and 1 for smaller ones, expected the opposite."
    ones = [label for _, label in pairs]
    if wrong and ones == sorted(ones) and 0 < sum(ones) < len(ones):
        below, above = pairs[ones.index(1) - 1][0], pairs[ones.index(1)][0]
        return f"Your classes change between the net inputs {below:.3g} and {above:.3g}, expected at 0.5."
    if wrong:
        return (
            f"For a net input of {wrong[0][0]:.3g}, your `predict` returns {wrong[0][1]}, expected {1 - wrong[0][1]}."
        )
    model = fitted(learner, np.zeros((2, 1)), np.array([0.0, 1.0]), eta=0.5, n_iter=1)
    [half] = expect_array(model.call("net_input", np.zeros((1, 1))), (1,), "float64")
    label = np.asarray(model.call("predict", np.zeros((1, 1)))).reshape(-1)[0]
    if label == int(half >= 0.5):
        return None
    return f"For a net input of exactly {half:.4g}, your `predict` returns {label}, expected {int(half >= 0.5)}."


@fact(
    why="An error twice as large moves everything twice as far.",
    hint="What happens to targets and errors on their way into the step?",
)
def targets_count(learner: Port) -> str | None:
    """Double huge targets, and see whether the first step doubles, too; then let all targets be the same."""
    same, zeros = np.array([HUGE, HUGE]), np.zeros((2, 1))
    bias = _state(learner, zeros, same, 0)[-1]
    model = fitted(learner, zeros, same, eta=0.1, n_iter=1)
    if abs(bias_of(model)) < 1 and abs(losses_of(model, 1)[0] - bias**2) < 1e-6:
        return (
            "If all targets are 1e9, your first loss is about 0, as if they were 0: the mean of the targets is taken "
            "away before the neuron learns."
        )
    x, y = np.array([[1.0], [0.0]]), HUGE * np.array([1.0, 0.5])
    begin, once, twice = (_state(learner, x, y * (epochs or 1), min(epochs, 1)) for epochs in (0, 1, 2))
    for name, one, other in zip(("w_[0]", "b_"), once - begin, twice - begin, strict=True):
        if max(abs(one), abs(other)) > 1e-3 and not _close(other, 2 * one, 100.0 if abs(one) > 1e3 else 0.0):
            unmoved = ": the size of the error doesn't count" if _close(other, one) else ""
            return (
                f"With targets of 1e9 and 5e8, one epoch moves `{name}` by {one:.4g}, with targets twice as large by "
                f"{other:.4g}, expected twice as far{unmoved}."
            )
    return None


@fact(
    why="Each weight learns from its own feature: w_[j] moves by 2 · eta · error · x[j] for one example.",
    hint="Take one example with three features. How does each weight move?",
)
def features(learner: Port) -> str | None:
    """Train for one epoch on one example, and compare how the weights moved with its features."""
    row, eta = np.array([1.5, 0.0, -2.5]), 0.1
    moved = np.round(_state(learner, row[None], np.array([HUGE]), 1, eta)[:3] / (eta * HUGE), 6) + 0.0
    largest = np.abs(moved).max()
    if (
        largest < 1e-6
        or np.allclose(moved * np.abs(row).max(), row * largest, atol=1e-3 * largest)
        or np.allclose(-moved * np.abs(row).max(), row * largest, atol=1e-3 * largest)
    ):
        return None
    known = {
        "you take the sizes of features, without their sign": np.abs(row),
        "the features are in reverse order": row[::-1],
        "you cut off the decimals of features": np.trunc(row),
        "you round the features": np.rint(row),
        "the squares of the features": row**2,
        "all weights move alike": np.ones(3),
    }
    known = {text: vector * largest / np.abs(vector).max() for text, vector in known.items()}
    text = next((text for text, vector in known.items() if np.allclose(moved, vector, atol=1e-3 * largest)), "")
    if abs(moved[0]) > 1e-6 and _close(moved[2] / moved[0], -2.5 * (1 - 2 * eta * 1.5**2) / 1.5):
        text = "the last weight learns from an error that the first one has already changed"
    return (
        f"For one example ({_shown(row)}), one epoch moves your weights by {_shown(moved)} times eta times the error, "
        f"expected {_shown(2 * row)}{f': {text}' if text else ''}."
    )


@fact(
    why="Every example counts in every epoch, each with its own target.",
    hint="Which rows of X and which entries of y go into your sums?",
)
def examples(learner: Port) -> str | None:
    """Give each example a feature of its own, so that the weights show which example learned which target."""
    sizes = np.array([0.25, 0.5, 1.0, -2.0])
    moved = _state(learner, np.eye(4), HUGE * sizes, 1)[:4] / HUGE
    if np.abs(moved).max() < 1e-6:
        return None
    missing = [row for row in range(4) if abs(moved[row]) < 1e-6]
    turned = _state(learner, np.eye(4), HUGE * sizes[::-1], 1)[:4] / HUGE
    if missing:
        by_target = [3 - row for row in range(4) if abs(turned[row]) < 1e-6] == missing[::-1]
        if by_target:
            return (
                f"An example with a target of {sizes[missing[0]]:g}e9 moves nothing, others do: you leave out examples "
                f"because of their targets."
            )
        return f"Of 4 examples (counted from 0), your neuron doesn't learn from example {missing[0]}."
    largest = np.abs(moved).max() / 2
    learned = [int(np.argmin(np.abs(sizes - part / largest))) for part in moved]
    if sorted(learned) == [0, 1, 2, 3] != learned and np.allclose(moved, sizes[learned] * largest, rtol=1e-4):
        row = next(index for index in range(4) if learned[index] != index)
        return f"Of 4 examples (counted from 0), example {row} learns with the target of example {learned[row]}."
    return None


@fact(
    why="Each epoch makes one update from all examples, so their order doesn't matter.",
    hint="How often do `w_` and `b_` change in one epoch?",
)
def order(learner: Port) -> str | None:
    """Train for one epoch on the same examples in another order."""
    x, y = np.array([[1.0], [2.0], [-1.0], [3.0]]), HUGE * np.array([1.0, 0.0, 0.5, 1.0])
    for rows in (2, 3, 4):
        one, other = _state(learner, x[:rows], y[:rows], 1), _state(learner, x[:rows][::-1], y[:rows][::-1], 1)
        if not all(_close(got, wanted, 1e5) for got, wanted in zip(other, one, strict=True)):
            both = (f"w_ to {state[0]:.4g} and b_ to {state[1]:.4g}" for state in (one, other))
            more = ""
            for factor in (2.0, 1.0):
                weight = bias = 0.0
                for feature, target in zip(x[:rows, 0], y[:rows], strict=True):
                    push = factor * 0.1 * (target - weight * feature - bias)
                    weight, bias = weight + push * feature, bias + push
                if _close(one[0], weight, 1e5) and _close(one[1], bias, 1e5):
                    more = ": you update after each example"
            return f"With {rows} examples, one epoch takes {next(both)}; in reverse order, it takes {next(both)}{more}."
    return None


def _factor(found: list[float], sizes: list[tuple[int, int, float]]) -> str:
    """Name the product of powers of n, n - 1, features and eta that gives these numbers; nothing if it is constant."""
    names = ("n", "(n - 1)", "features", "eta")
    for constant, powers in itertools.product((2, 1, 4, 0.5, -2, -1, 0.02), itertools.product((0, -1, 1), repeat=4)):
        factors = [(n, n - 1, d, eta) for n, d, eta in sizes]
        numbers = [constant * math.prod(base**power for base, power in zip(f, powers, strict=True)) for f in factors]
        if any(powers) and all(map(_close, found, numbers)):
            above = "".join(f" · {name}" for name, power in zip(names, powers, strict=True) if power > 0)
            below = "".join(f" / {name}" for name, power in zip(names, powers, strict=True) if power < 0)
            return f"{constant:g}{above}{below}".removeprefix("1 · ")
    return ""


FACTORS = [(2, 1, 0.125), (4, 3, 0.25), (6, 2, 0.2)]


def _factors(learner: Port, name: str, mean: str, measured: Callable[[int, int, float], float]) -> str | None:
    found = [measured(*size) for size in FACTORS]
    if all(_close(number, 2.0) for number in found):
        return None
    formula = _factor(found, FACTORS)
    index = next(i for i, number in enumerate(found) if not _close(number, 2.0))
    n, d, eta = FACTORS[index]
    at = f"With {n} examples of {d} feature{'s'[: d > 1]} and eta={eta}"
    more = f"; {formula} gives your number for other sizes, too" if formula else ""
    if all(abs(number) < 1e-6 for number in found):
        return f"One epoch doesn't move your `{name}`, expected 2 times eta times the mean {mean}."
    return (
        f"{at}, one epoch moves your `{name}` by {found[index]:.4g} times eta times the mean {mean}, expected 2{more}."
    )


@fact(why=STEP, hint="Take two examples of zeros, and work out how far the bias moves.")
def factor_of_the_bias(learner: Port) -> str | None:
    """Train for one epoch on examples of zeros, from which only the bias can learn."""

    def measured(n: int, d: int, eta: float) -> float:
        return float(_state(learner, np.zeros((n, d)), np.full(n, HUGE), 1, eta)[-1]) / (eta * HUGE)

    return _factors(learner, "b_", "error", measured)


@fact(why=STEP, hint="Take the examples 1 and -1 with targets 1 and -1, and work out how far the weight moves.")
def factor_of_the_weights(learner: Port) -> str | None:
    """Train for one epoch on examples whose errors cancel, so that the bias stays, with one feature that isn't 0."""

    def measured(n: int, d: int, eta: float) -> float:
        x, signs = np.zeros((n, d)), np.resize([1.0, -1.0], n)
        x[:, 0] = signs
        return float(_state(learner, x, HUGE * signs, 1, eta)[0]) / (eta * HUGE)

    return _factors(learner, "w_", "of error times feature", measured)


@fact(
    why="Weights and bias learn from the same errors, those from before the step.",
    hint="In which order do you compute errors, move w_, and move b_?",
)
def same_errors(learner: Port) -> str | None:
    """Train for one epoch on one example, from which weight and bias learn the same."""
    weight, bias = _state(learner, np.array([[1.0]]), np.array([HUGE]), 1, 0.25) / HUGE
    late = {"w_": weight, "b_": bias}
    for name, moved in late.items():
        if _close(moved, 0.25):
            other = next(text for text in late if text != name)
            return (
                f"Your `{name}` moves by 0.5 times the error if `{other}` stays, but by half of that if `{other}` "
                f"moves: it learns from errors computed after `{other}` moved."
            )
    return None


@fact(why=LOSS, hint="Which line computes the loss, and which errors does it use?")
def time_of_the_loss(learner: Port) -> str | None:
    """Look at the first loss with and without a learning rate, when only the bias or only the weights can move."""
    signs = np.array([1.0, -1.0])

    def first(x: Array, y: Array, eta: float) -> float:
        return losses_of(fitted(learner, x, HUGE * y, eta=eta, n_iter=1), 1)[0] / HUGE**2

    bias, weights = (
        [first(x, y, eta) for eta in (0.0, 0.1)] for x, y in ((np.zeros((2, 1)), signs + 2), (signs[:, None], signs))
    )
    late = [name for name, pair in (("w_", weights), ("b_", bias)) if not _close(pair[1], pair[0], 0.01)]
    if not late:
        return None
    return (
        f"Your first loss depends on eta: you compute it after {' and '.join(f'`{name}`' for name in late)} moved, "
        f"expected before the epoch's update."
    )


@fact(why=LOSS, hint="Work out the loss of the errors -1, 4, 2 and 3.")
def formula_of_the_loss(learner: Port) -> str | None:
    """Look at the first loss, when the errors are about -0.5, 2, 1 and 1.5 times 10^9."""
    errors = np.array([-1.0, 4.0, 2.0, 3.0])
    y, unit = errors * HUGE / 2, HUGE / 2
    loss = losses_of(fitted(learner, X, y, eta=0.1, n_iter=1), 1)[0]
    got, squares = loss / unit**2, errors**2
    if _close(got, 7.5):
        return None
    known = {
        "the sum of the squares": squares.sum(),
        "half the mean of the squares": squares.mean() / 2,
        "half the sum of the squares": squares.sum() / 2,
        "the sum of the squares divided by n - 1": squares.sum() / 3,
        "the mean of the squares divided by the number of features": squares.mean() / 2,
        "the largest square": squares.max(),
        "the median of the squares": np.median(squares),
        "the variance of the errors, which leaves out their mean": errors.var(),
        "the square of the mean error": errors.mean() ** 2,
        "the square of the first error": squares[0],
        "the square of the last error": squares[-1],
        "the sum of the squares divided by n squared": squares.sum() / 16,
        "minus the mean of the squares": -squares.mean(),
    }
    sizes = {
        "the square root of the mean of the squares": np.sqrt(squares.mean()),
        "the square root of their sum": np.sqrt(squares.sum()),
        "the mean of the errors' sizes": np.abs(errors).mean(),
        "the sum of the errors' sizes": np.abs(errors).sum(),
        "the mean error": errors.mean(),
    }
    matches = [text for text, value in known.items() if _close(got, float(value))]
    matches += [text for text, value in sizes.items() if _close(loss / unit, float(value))]
    shown = loss / unit if matches and matches[0] in sizes else got
    more = f"; yours is {matches[0]}" if matches else ""
    return (
        f"For the errors -1, 4, 2 and 3 (in units of 5e8), your loss is {shown:.4g}, expected 7.5, the mean of their "
        f"squares{more}."
    )


CASES = (
    ("one example (1) with the target 1", np.array([[1.0]]), np.array([1.0]), 0.1),
    ("one example (1) with the target 0.5", np.array([[1.0]]), np.array([0.5]), 0.1),
    ("one example (-0.5) with the target -1.5", np.array([[-0.5]]), np.array([-1.5]), 0.1),
    ("the examples (1) and (-1) with the targets 1 and 0", np.array([[1.0], [-1.0]]), np.array([1.0, 0.0]), 0.1),
    ("four examples of two classes", X, LABELS, 0.1),
    ("four examples of two classes, as whole numbers", X, LABELS.astype(np.int64), 0.1),
    ("the examples (1) and (-1), and eta=0.5", np.array([[1.0], [-1.0]]), np.array([1.0, 0.0]), 0.5),
    ("four examples with targets around 1e9", X, Y, 0.1),
    ("four examples with negative targets around 1e9", X, -Y, 0.05),
)


@fact(why=STEP, hint="Print `w_` and `b_` after each epoch, and work out the next step by hand.")
def steps(learner: Port) -> str | None:
    """Train with one epoch more and more, and compare each step with the rule, from the state before it."""
    for name, x, y, eta in CASES:
        states, moved, expected = _steps(learner, x, y, eta)
        for epoch, (step, rule) in enumerate(zip(moved, expected, strict=True), 1):
            wrong = np.abs(step - rule) > 1e-4 * np.abs(rule).max() + 1e-6 * np.abs(states).max()
            if not wrong.any():
                continue
            index = int(np.argmax(wrong))
            part = "b_" if index == x.shape[1] else f"w_[{index}]"
            net = x @ states[epoch - 1][:-1] + states[epoch - 1][-1]
            more = _with_other_errors(x, y, net, step / eta) or _in_all_epochs(learner)
            if not step.any():
                more = ": nothing moves any more"
            digits = 4 if f"{step[index]:.4g}" != f"{rule[index]:.4g}" else 8
            return (
                f"With {name} and eta={eta}, epoch {epoch} moves `{part}` by {step[index]:.{digits}g}, expected "
                f"{rule[index]:.{digits}g} for the errors {_shown(y - net)}{more}."
            )
    return None


def _steps(learner: Port, x: Array, y: Array, eta: float) -> tuple[Array, Array, Array]:
    """Return the states before and after each of five epochs, how far they moved, and how far they should have."""
    states = np.array([_state(learner, x, y, epochs, eta) for epochs in range(6)])
    rows = np.column_stack([x, np.ones(len(x))])
    expected = [[2 * eta * np.mean((y - rows @ state) * column) for column in rows.T] for state in states[:-1]]
    return states, np.diff(states, axis=0), np.array(expected)


def _with_other_errors(x: Array, y: Array, net: Array, step: Array) -> str:
    """Say which other errors give a step, divided by eta."""
    with np.errstate(over="ignore"):
        known = {
            "the tanh of the net input": y - np.tanh(net),
            "the sigmoid of the net input": y - 1 / (1 + np.exp(-net)),
            "the predicted class": y - (net >= 0.5),
            "net inputs of at least 0": y - np.maximum(net, 0),
            "targets without their decimals": np.trunc(y) - net,
            "targets of -1 and 1": np.where(y > 0, 1, -1) - net,
            "only the examples in the wrong class": np.where((net >= 0.5) == y, 0, y - net),
        }
    rows = np.column_stack([x, np.ones(len(x))])
    for text, errors in known.items():
        if np.allclose(step, [2 * np.mean(errors * column) for column in rows.T], rtol=1e-4, atol=1e-7):
            return f"; with {text}, the rule gives your step"
    return ""


def _in_all_epochs(learner: Port) -> str:
    """Say what is added to the steps of five epochs, or what they are multiplied by, if one rule fits them all."""
    states, moved, expected = _steps(learner, X, LABELS, 0.1)
    if np.allclose(moved, moved[0], rtol=1e-6):
        return ": all steps are the same, as if the errors were always those of the start"
    extra = moved - expected
    before = np.vstack([np.zeros(3), moved[:-1]])
    for part, where in ((slice(0, 3), ""), (slice(0, 2), " of the weights"), (slice(2, 3), " of the bias")):
        if np.allclose(extra[:, part], 0, atol=1e-7):
            continue
        for text, base in (("the step before", before), ("what was there", states[:-1])):
            base, rest = base[:, part], extra[:, part]
            factor = float((base * rest).sum() / ((base * base).sum() or 1.0))
            if np.allclose(rest, factor * base, rtol=1e-3, atol=1e-6):
                return f": to each step{where}, you add {factor:.4g} times {text}"
    factors = (moved * expected).sum(axis=1) / (expected * expected).sum(axis=1)
    if np.allclose(moved, factors[:, None] * expected, rtol=1e-3, atol=1e-6):
        return f": with four examples, the steps of epochs 1 to 5 are multiplied by {_shown(factors)}"
    return ""


@fact(why=LOSS, hint="Print each loss next to the mean of the squared errors at the start of its epoch.")
def later_losses(learner: Port) -> str | None:
    """Compare each loss with the mean squared error of the state before its epoch."""
    for name, x, y, eta in CASES:
        states = [_state(learner, x, y, epochs, eta) for epochs in range(4)]
        got = losses_of(fitted(learner, x, y, eta=eta, n_iter=4), 4)
        rows = np.column_stack([x, np.ones(len(x))])
        expected = [float(np.mean((y - rows @ state) ** 2)) for state in states]
        if all(_close(one, other, 1e-6) for one, other in zip(got, expected, strict=True)):
            continue
        index = next(
            i for i, (one, other) in enumerate(zip(got, expected, strict=True)) if not _close(one, other, 1e-6)
        )
        more = ""
        if all(_close(one, other, 1e-6) for one, other in zip(got, reversed(expected), strict=True)):
            more = ": your list is in reverse order"
        for digits in range(7):
            if got == [round(loss, digits) for loss in expected]:
                more = f": you round to {digits} decimals"
                break
        squares = [float(state[:-1] @ state[:-1]) for state in states]
        factors = [(got[i] - expected[i]) / squares[i] for i in (1, 2, 3) if squares[i]]
        if factors and all(abs(factor) > 1e-6 and _close(factor, factors[0]) for factor in factors):
            more = f": the rest is {factors[0]:.4g} times the sum of the squared weights"
        return (
            f"With {name}, your `losses_[{index}]` is {got[index]:.6g}, expected {expected[index]:.6g}, the mean "
            f"squared error after {index} update{'' if index == 1 else 's'}{more}."
        )
    return None


@fact(
    why="The settings have defaults: eta=0.01, n_iter=50, random_state=1.", hint="Look at the first line of `__init__`."
)
def defaults(learner: Port) -> str | None:
    """Train without one of the settings, and see how far the first step goes and where it starts."""
    x, y = np.zeros((2, 1)), np.array([HUGE, HUGE])
    eta = bias_of(fitted(learner, x, y, n_iter=1)) / (2 * HUGE)
    if not _close(eta, 0.01):
        return f"Without `eta`, your learning rate is {eta:.4g}, expected 0.01."
    losses = fitted(learner, x, y, eta=0.01).attribute("losses_")
    if isinstance(losses, list) and len(losses) != 50:
        return f"Without `n_iter`, your neuron trains for {len(losses)} epochs, expected 50."
    first, other = (weights_of(fitted(learner, X, Y, n_iter=0, **given)) for given in ({}, {"random_state": 1}))
    if (first != other).any():
        return (
            f"Without `random_state`, your weights start from {_shown(first)}, expected those of random_state=1, "
            f"{_shown(other)}."
        )
    return None


@fact(
    why="Arrays can have any memory layout, such as that of a transposed one.", hint="Look for ravel, reshape and view."
)
def layout(learner: Port) -> str | None:
    """Train on the same numbers in two memory layouts."""
    x = np.array([[1.0, 0.0, 2.0], [1.0, 2.0, -1.0], [3.0, 0.0, 1.0], [-1.0, 2.0, 0.5]])
    model = neuron(learner, eta=0.1, n_iter=1)
    model.keep("fit", learner.put(x, strided=True), learner.put(Y, strided=True))
    got, expected = weights_of(model, 3), _state(learner, x, Y, 1)[:3]
    if np.allclose(got, expected, rtol=1e-4):
        return None
    return f"With the same X in another memory layout, one epoch takes w_ to {_shown(got)}, not to {_shown(expected)}."
