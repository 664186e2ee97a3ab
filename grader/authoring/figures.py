"""Shared code for the figures of lessons: how they are written, and how to find a stale one.

The alt text of a figure is only in its lesson: `![what it shows](figures/name.svg)`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np

from grader.course import Course
from grader.files import short_digest
from grader.pictures import drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARK = "data-said"


@dataclass(frozen=True)
class LessonFigure:
    """A figure of a lesson: `draw` makes it, inside `grader.pictures.drawn.drawing`."""

    course: Course
    lesson: str
    name: str
    draw: Callable[[], Figure]

    @property
    def path(self) -> Path:
        """The path of the SVG; the PNG next to it is for notebooks, which can't show attached SVGs."""
        return self.course.figures / f"{self.name}.svg"

    @property
    def alt(self) -> str:
        """Return the alt text from the lesson; empty if the lesson doesn't use the figure."""
        text = (self.course.stubs / f"{self.lesson}.md").read_text(encoding="utf-8")
        match = re.search(rf"!\[([^\]]+)\]\(figures/{self.name}\.svg\)", text)
        return match[1] if match else ""

    def write(self) -> None:
        """Draw the figure, and write it as SVG and as PNG."""
        with drawn.drawing(self.name):
            figure = self.draw()
            svg = drawn.as_svg(figure, self.alt).replace("<svg ", f'<svg {MARK}="{content_digest(figure)}" ', 1)
            png = drawn.as_png(figure)
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(svg, encoding="utf-8", newline="\n")
        self.path.with_suffix(".png").write_bytes(png)

    def stale(self) -> bool:
        """Say whether the files differ from what would be drawn now, apart from the shapes of letters."""
        if not self.path.is_file() or not self.path.with_suffix(".png").is_file():
            return True
        with drawn.drawing(self.name):
            expected = content_digest(self.draw())
        start = self.path.read_text(encoding="utf-8").partition("<defs>")[0]
        return f'{MARK}="{expected}"' not in start or f"aria-label={quoteattr(self.alt)}" not in start


def all_figures(course: Course) -> Iterator[LessonFigure]:
    """List the figures of all lessons, in the order of the course; a lesson doesn't need to have any.

    A lesson's figures are drawn by `docs/figures/<exercise>.py`: `FIGURES` maps each name to a function that draws it.
    """
    for exercise in course.exercises:
        path = course.root / "docs" / "figures" / f"{exercise.id}.py"
        if path.is_file():
            for name, draw in _module(path).FIGURES.items():
                yield LessonFigure(course, exercise.id, name, draw)


def _module(path: Path) -> ModuleType:
    # Imported by its full name: the figures of one lesson may use code from another's.
    return importlib.import_module(f"docs.figures.{path.stem}")


def content_digest(figure: Figure) -> str:
    """Return a digest of a figure's content: words, lines, boxes and colors, but not the shapes of letters."""
    content: list[str] = []
    for axes in figure.axes:
        content += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        for text in axes.texts:
            content.append(f"{text.get_text()} {_numbers(text.get_position())} {text.get_color()}")
        for line in axes.lines:
            content.append(f"{line.get_color()} {_numbers(np.asarray(line.get_xydata()).flatten())}")
        for patch in axes.patches:
            content.append(
                f"{_numbers(patch.get_facecolor())} {_numbers(np.asarray(patch.get_path().vertices).flatten())}"
            )
    return short_digest("\n".join(content))


def _numbers(values: object) -> str:
    # The sign of 0 and the last digits may differ between machines.
    return " ".join(f"{float(value) + 0.0:.3f}".replace("-0.000", "0.000") for value in values)  # type: ignore[attr-defined]


def box(
    axes: Axes, x: float, y: float, width: float, height: float, text: str, *, colour: str = "", size: float = 10
) -> None:
    """Draw a box with a word in it, its lower left corner at (x, y)."""
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=colour or drawn.PAPER,
            edgecolor=drawn.SOFT,
            linewidth=1.0,
            clip_on=False,
        )
    )
    ink = drawn.ON_LIGHT if colour else drawn.INK
    axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=size, color=ink)


def arrow(axes: Axes, *points: tuple[float, float], colour: str = drawn.SOFT) -> None:
    """Draw a line through points that ends in an arrowhead."""
    axes.plot([x for x, _ in points], [y for _, y in points], color=colour, linewidth=1.6, clip_on=False)
    (x0, y0), (x1, y1) = points[-2:]
    marks = {(1, 0): ">", (-1, 0): "<", (0, 1): "^", (0, -1): "v"}
    mark = marks[(x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)]
    axes.plot([x1], [y1], mark, color=colour, markersize=7, clip_on=False)


def canvas(width: float, height: float, x: float, y: float) -> tuple[Figure, Axes]:
    """Make an empty figure of a size in inches, with room for x times y units."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98), xlim=(0, x), ylim=(0, y))
    axes.set_axis_off()
    return figure, axes
