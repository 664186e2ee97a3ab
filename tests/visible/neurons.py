"""What the checks of `adaline` share: data for which the random start doesn't matter, and ways to read a neuron."""

from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks import Handle, Port, expect, expect_array, values, what_came

Array = npt.NDArray[Any]

HUGE = 1e9
"""Next to targets of this size, a start below 1 is negligible: every right answer gets the same results."""

X = np.array([[1.0, 0.0], [1.0, 2.0], [3.0, 0.0], [-1.0, 2.0]])
"""Four examples with two features."""

Y = HUGE * np.array([1.0, 1.0, 1.0, 0.0])
"""Their targets."""


def neuron(port: Port, **settings: Any) -> Handle:
    """Build a neuron with these settings."""
    return port.build("AdalineGD", **settings)


def fitted(port: Port, x: Array = X, y: Array = Y, **settings: Any) -> Handle:
    """Build a neuron and train it; another check looks at what `fit` returns."""
    made = neuron(port, **settings)
    made.keep("fit", x, y)
    return made


def weights_of(model: Handle, features: int = 2) -> Array:
    """Read the weights, `(features,)`."""
    return expect_array(model.attribute("w_"), (features,), "float64", "w_")


def any_weights_of(model: Handle) -> Array:
    """Read the weights, an array of whatever form, which another check looks at."""
    value = model.attribute("w_")
    expect(isinstance(value, np.ndarray), got=what_came(value), expected="an array", where="w_ is not an array")
    return np.asarray(value)


def bias_of(model: Handle) -> float:
    """Read the bias, even if it is an array with one number."""
    value = model.attribute("b_")
    single = type(value) in (int, float) or (isinstance(value, np.ndarray) and value.size == 1)
    shape = f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else what_came(value)
    expect(single, got=shape, expected="one number", where="b_ is not one number")
    return float(np.asarray(value).reshape(()))


def losses_of(model: Handle, epochs: int) -> list[float]:
    """Read the losses, one per epoch."""
    losses = model.attribute("losses_")
    expect(isinstance(losses, list), got=what_came(losses), expected="a list", where="losses_ is not a list")
    kinds = sorted({type(loss).__name__ for loss in losses})
    expect(kinds in ([], ["float"]), got=what_came(losses), expected="a list of floats", where="losses_")
    got, expected = (f"{count} loss{'es' if count != 1 else ''}" for count in (len(losses), epochs))
    expect(len(losses) == epochs, got=got, expected=expected, where=f"losses_ after {epochs} epochs")
    return list(losses)


def examples(count: int, features: int, seed: int) -> Array:
    """Draw examples, `(count, features)`, of numbers with two decimals."""
    return values(count, features, seed=seed).numpy()


def targets(count: int, seed: int, size: float = HUGE) -> Array:
    """Draw targets, `(count,)`, of about this size."""
    return values(count, seed=seed + 1000).numpy() * size


def labels(count: int, seed: int) -> Array:
    """Draw the labels of two classes, 0 and 1, `(count,)`."""
    return (values(count, seed=seed + 2000) > 0).long().numpy()
