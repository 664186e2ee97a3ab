"""The content of a picture as plain data: panels with numbers and labels, and sentences about what is wrong.

`pictures/<id>.py` returns these for an exercise, and doesn't care how they look in a terminal or on a page. Each can
describe itself in words, for people who can't see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Row = tuple[float, ...]
Point = tuple[float, float]

MOST_TOLD = 8
"""How many points of a curve the description names."""


@dataclass(frozen=True)
class HeatMap:
    """A table of numbers, shown as shades: 0 is empty, 1 is full.

    Args:
        title: a name for the numbers, such as `yours`.
        rows: the numbers.
        row_labels, column_labels: a label for each row and each column.
        marked: positions (row, column) that are wrong.
    """

    title: str
    rows: tuple[Row, ...]
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    marked: frozenset[tuple[int, int]] = frozenset()

    def in_words(self) -> str:
        """Describe the table row by row, in percent."""
        parts = [
            f"{label}: {' '.join(percent(value) for value in row)}"
            for label, row in zip(self.row_labels, self.rows, strict=True)
        ]
        return f"{self.title}, in percent, row by row. {'; '.join(parts)}."


@dataclass(frozen=True)
class Curve:
    """A line through points (x, y), from left to right."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Level:
    """A horizontal line to compare with."""

    label: str
    value: float


@dataclass(frozen=True)
class Curves:
    """Curves over one axis, and levels to compare them with."""

    title: str
    curves: tuple[Curve, ...]
    levels: tuple[Level, ...] = ()
    x_label: str = ""
    y_label: str = ""

    def in_words(self) -> str:
        """Describe some points of each curve, and the levels."""
        parts = []
        for curve in self.curves:
            step = max(1, (len(curve.points) - 1) // (MOST_TOLD - 1))
            points = ", ".join(f"{y:.3g} at {x:.3g}" for x, y in curve.points[::step])
            parts.append(f"{curve.label}: {points or 'nothing'}")
        parts += [f"{level.label}: {level.value:.3g} everywhere" for level in self.levels]
        axes = f" ({self.y_label} over {self.x_label})" if self.x_label and self.y_label else ""
        return f"{self.title}{axes}. {'; '.join(parts)}."


@dataclass(frozen=True)
class Tokens:
    """A text cut into tokens."""

    title: str
    tokens: tuple[str, ...]

    def in_words(self) -> str:
        """Describe the tokens, each in brackets."""
        return f"{self.title}. {''.join(f'[{token}]' for token in self.tokens)}"


@dataclass(frozen=True)
class Bars:
    """A bar for each label."""

    title: str
    labels: tuple[str, ...]
    values: Row

    def in_words(self) -> str:
        """Describe the numbers."""
        parts = ", ".join(f"{label} {value:.2f}" for label, value in zip(self.labels, self.values, strict=True))
        return f"{self.title}. {parts}."


Panel = HeatMap | Curves | Tokens | Bars


@dataclass(frozen=True)
class Picture:
    """Panels that belong together, with sentences about them.

    Args:
        title: its title.
        panels: its panels, the learner's own first.
        wrong: a sentence for each mistake that it shows.
        about: how to read it.
    """

    title: str
    panels: tuple[Panel, ...]
    wrong: tuple[str, ...] = ()
    about: str = ""

    def in_words(self) -> str:
        """Describe all panels, and what is wrong."""
        return " ".join([*(panel.in_words() for panel in self.panels), *self.wrong])


def percent(value: float) -> str:
    """Write a share as a whole number of hundredths; `?` if it is not a number."""
    if value != value:
        return "?"
    if abs(value) >= 10:
        return ">" if value > 0 else "<"
    return f"{100 * value:.0f}".replace("-0", "0")


def table(rows: Sequence[Sequence[float]]) -> tuple[Row, ...]:
    """Turn nested lists into the rows of a heat map."""
    return tuple(tuple(float(value) for value in row) for row in rows)


def shown_bytes(token: bytes) -> str:
    """Show a token: a space as `␣`, other white space and halves of characters as escapes."""
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == " ":
        return "␣"
    return character if character.isprintable() else character.encode("unicode_escape").decode()
