"""The length of the first steps with and without the bias corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BETA1, BETA2 = 0.9, 0.999
STEPS = range(1, 31)


def first_steps() -> Figure:
    """Draw the quotient of the two averages for a gradient that is always 1."""
    means = [1 - BETA1**t for t in STEPS]
    roots = [(1 - BETA2**t) ** 0.5 for t in STEPS]
    lengths = (
        ("both corrected", [1.0 for _ in STEPS]),
        ("neither", [mean / root for mean, root in zip(means, roots, strict=True)]),
        ("only the squares", means),
    )
    curves = tuple(
        Curve(label, tuple((float(t), length) for t, length in zip(STEPS, values, strict=True)))
        for label, values in lengths
    )
    panel = Curves("", curves, x_label="step", y_label="length, in learning rates")
    return drawn.draw(Picture("", (panel,)))


FIGURES = {"first_steps": first_steps}
