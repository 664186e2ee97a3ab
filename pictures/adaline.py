"""Two curves of losses and the line through the examples: the learner's next to the expected ones."""

from __future__ import annotations

import math

import numpy as np

from grader.checks import Handle, Port, expect_array
from grader.pictures import Curve, Curves, Level, Picture
from tests.visible.neurons import Array, bias_of, fitted, losses_of, weights_of

X = np.array([[0.0], [0.5], [1.0], [1.5], [2.5], [3.0]])
Y = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
CALM, BOLD = 0.05, 0.25
"""Two learning rates: with the larger one the steps go too far, and come back."""
EPOCHS = 24
LINE = 17
"""Places at which the net input is asked for."""
TOLERANCE = 1e-6
ABOUT_LOSSES = "Six examples with one feature. The plot shows the loss of each epoch, measured before its step."
ABOUT_LINE = "The net input for each x, after training with the larger rate. From one half up, the class is 1."


class Neuron:
    """What plain NumPy makes of the examples."""

    def __init__(self, w: Array, b: float, eta: float, *, moves_bias: bool = True) -> None:
        self.w, self.b, self.eta, self.moves_bias = w, b, eta, moves_bias
        self.losses: list[float] = []

    def train(self) -> Neuron:
        """Make all epochs."""
        for _ in range(EPOCHS):
            errors = Y - self.net_input(X)
            self.losses.append(float((errors**2).mean()))
            self.w = self.w + self.eta * 2 * X.T @ errors / len(Y)
            self.b += self.eta * 2 * float(errors.mean()) * self.moves_bias
        return self

    def net_input(self, x: Array) -> Array:
        """Return the weighted sum plus the bias."""
        predicted: Array = x @ self.w + self.b
        return predicted


def pictures(learner: Port) -> list[Picture]:
    """Draw the losses for each learning rate, and the line that comes of the larger one."""
    pictures = []
    for eta in (CALM, BOLD):
        start = fitted(learner, X, Y, eta=eta, n_iter=0)
        model = fitted(learner, X, Y, eta=eta, n_iter=EPOCHS)
        w, b, got = weights_of(start, 1), bias_of(start), losses_of(model, EPOCHS)
        expected = Neuron(w, b, eta).train()
        epochs = [float(epoch) for epoch in range(1, EPOCHS + 1)]
        curves = (_yours(epochs, got, (0.0, 2 * max(expected.losses))), _curve("expected", epochs, expected.losses))
        panel = Curves("Loss", curves, (), "epoch", "loss")
        wrong = _about_losses(got, expected.losses, _others(w, b, eta))
        title = f"The loss, with a learning rate of {eta:g}"
        pictures.append(Picture(title, (panel,), wrong, "" if pictures else ABOUT_LOSSES))
    return [*pictures, _line(model, expected)]


def _curve(label: str, xs: list[float], ys: list[float]) -> Curve:
    return Curve(label, tuple(zip(xs, ys, strict=True)))


def _yours(xs: list[float], ys: list[float], shown: tuple[float, float]) -> Curve:
    """Make the learner's curve; what is far off is left out, so that the rest can still be seen."""
    low, high = shown
    inside = [y if low <= y <= high else math.nan for y in ys]
    return _curve("yours, outside the picture" if inside != ys else "yours", xs, inside)


def _others(w: Array, b: float, eta: float) -> dict[str, list[float]]:
    """Work out the losses that come of other rules."""
    expected = Neuron(w, b, eta).train()
    after = float(((Y - expected.net_input(X)) ** 2).mean())
    return {
        "the step lacks its factor of 2": Neuron(w, b, eta / 2).train().losses,
        "the gradients are summed, not averaged": Neuron(w, b, eta * len(Y)).train().losses,
        "the step goes the wrong way": Neuron(w, b, -eta).train().losses,
        "the bias is missing": Neuron(w, b, eta, moves_bias=False).train().losses,
        "nothing is learned": Neuron(w, b, 0.0).train().losses,
        "the loss is measured after the step": [*expected.losses[1:], after],
        "the squares are summed, not averaged": [loss * len(Y) for loss in expected.losses],
        "the loss is half of what it should be": [loss / 2 for loss in expected.losses],
    }


def _about_losses(got: list[float], expected: list[float], others: dict[str, list[float]]) -> tuple[str, ...]:
    epoch = next(
        (n for n, (loss, right) in enumerate(zip(got, expected, strict=True)) if not _alike(loss, right)), None
    )
    if epoch is None:
        return ()
    sentence = f"the loss in epoch {epoch + 1}: got {got[epoch]:.6g}, expected {expected[epoch]:.6g}"
    for name, losses in others.items():
        if all(map(_alike, got, losses)):
            return (f"{sentence}. You get this if {name}.",)
    return (f"{sentence}.",)


def _alike(got: float, expected: float) -> bool:
    return abs(got - expected) <= TOLERANCE * max(1.0, abs(expected))


def _line(model: Handle, expected: Neuron) -> Picture:
    xs = np.linspace(float(X.min()), float(X.max()), LINE)[:, None]
    got = expect_array(model.call("net_input", xs), (LINE,), "float64", "the net input")
    right = expected.net_input(xs)
    positions = xs[:, 0].tolist()
    curves = (
        _yours(positions, got.tolist(), (-1.0, 2.0)),
        _curve("expected", positions, right.tolist()),
        _curve("targets of the examples", X[:, 0].tolist(), Y.tolist()),
    )
    panel = Curves("Net input", curves, (Level("class 1 from", 0.5),), "x", "net input")
    wrong = [*_about_line(positions, got, right), *_about_classes(model, expected)]
    return Picture("The line through the examples", (panel,), tuple(wrong), ABOUT_LINE)


def _about_line(positions: list[float], got: Array, expected: Array) -> list[str]:
    worst = int(np.abs(got - expected).argmax())
    if _alike(float(got[worst]), float(expected[worst])):
        return []
    return [f"the net input at x = {positions[worst]:.2f}: got {got[worst]:.4g}, expected {expected[worst]:.4g}."]


def _about_classes(model: Handle, expected: Neuron) -> list[str]:
    got = np.asarray(model.call("predict", X)).reshape(-1)
    right = (expected.net_input(X) >= 0.5).astype(int)
    if got.shape != right.shape:
        return [f"your predict returns {got.size} classes for {len(right)} examples."]
    off = [index for index in range(len(right)) if got[index] != right[index]]
    return [f"the class of x = {X[n, 0]:g}: got {got[n]}, expected {right[n]}." for n in off[:1]]
