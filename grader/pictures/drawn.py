"""Pictures as SVG and PNG, drawn with matplotlib: the same bytes each time.

An SVG has its own background and follows the reader's color scheme, so that it is readable on light and dark pages.
Letters are drawn as outlines, so that it looks the same with any fonts.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from grader.extras import require
from grader.pictures.describe import Bars, Curves, HeatMap, Panel, Picture, Tokens, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER, INK, SOFT, LINE = "#ffffff", "#1b2430", "#55606e", "#c9d1da"
# Colors that color-blind readers can tell apart (Okabe and Ito); dashes and marks differ too.
SERIES = ("#0072b2", "#d55e00", "#009e73")
WRONG = "#b3261e"
DARK = {
    PAPER: "#14181e",
    INK: "#e6eaef",
    SOFT: "#a9b4c0",
    LINE: "#3b4551",
    SERIES[0]: "#5fb8f0",
    SERIES[1]: "#ff9a52",
    SERIES[2]: "#3fcf9f",
    WRONG: "#ff8a7a",
}
"""The color that replaces each one on a dark page. Shades of a heat map stay: they have their own background."""
HEAT = ("#f7fbff", "#c6dbef", "#85bcdc", "#2171b5", "#08306b")
ON_LIGHT, ON_DARK = "#10243b", "#fefefe"
TOKENS = ("#cfe5f5", "#fbe0bd", "#cdeede", "#eadcf2")
STYLES = (("-", "o"), ("--", "s"), (":", "^"))
CELL = 0.46
PNG_DPI = 160


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """Set matplotlib up for our style; `name` identifies the drawing, and makes the ids in its file unique."""
    require("Pictures in files need", "pictures", "matplotlib")
    import matplotlib

    settings = {
        "svg.hashsalt": name,
        "svg.fonttype": "path",
        "font.family": ["DejaVu Sans"],
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "legend.frameon": False,
    }
    with matplotlib.rc_context(settings):  # type: ignore[arg-type]
        yield


def as_svg(figure: Figure, alt: str) -> str:
    """Write a figure as SVG with a description in words, for light and dark pages."""
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, facecolor=PAPER)
    # Some of matplotlib's lines end with a space.
    lines = [line.rstrip() for line in written.getvalue().decode("utf-8").splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith("<svg"))
    lines[start] = lines[start].replace("<svg", f'<svg role="img" aria-label={quoteattr(alt)}', 1)
    end = next(number for number in range(start, len(lines)) if lines[number].endswith(">"))
    lines.insert(end + 1, _dark_style())
    return "\n".join(lines) + "\n"


def as_png(figure: Figure) -> bytes:
    """Write a figure as PNG, on a light background."""
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=PNG_DPI, metadata={"Software": None}, facecolor=PAPER)
    return written.getvalue()


def _dark_style() -> str:
    rules = [
        f'[style*="{what}: {light}"] {{ {what}: {dark} !important }}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    ]
    return "\n".join([" <style>@media (prefers-color-scheme: dark) {", *(f"  {rule}" for rule in rules), " }</style>"])


def draw(picture: Picture) -> Figure:
    """Draw a picture's panels side by side; call it inside `drawing`."""
    from matplotlib.figure import Figure

    sizes = [_size(panel) for panel in picture.panels]
    stacked = all(isinstance(panel, Tokens) for panel in picture.panels)
    if stacked:
        figure = Figure(figsize=(max(w for w, _ in sizes), sum(h for _, h in sizes)), layout="constrained")
        made = figure.subplots(len(sizes), 1, squeeze=False, height_ratios=[h for _, h in sizes]).flatten()
    else:
        figure = Figure(figsize=(sum(w for w, _ in sizes), max(h for _, h in sizes)), layout="constrained")
        made = figure.subplots(1, len(sizes), squeeze=False, width_ratios=[w for w, _ in sizes]).flatten()
    for axes, panel in zip(made, picture.panels, strict=True):
        axes.set_title(_plain(panel.title), fontsize=11, loc="left")
        draw_panel(axes, panel)
    return figure


def draw_rows(rows: Sequence[Sequence[Panel]], width: float, height: float) -> Figure:
    """Draw rows of panels, the same number in each, one row below the other; call it inside `drawing`.

    Args:
        rows: the panels.
        width: the figure's width in inches.
        height: its height in inches.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    for made, row in zip(figure.subplots(len(rows), len(rows[0]), squeeze=False), rows, strict=True):
        for axes, panel in zip(made, row, strict=True):
            axes.set_title(_plain(panel.title), fontsize=10.5, loc="left")
            draw_panel(axes, panel)
    return figure


def draw_panel(axes: Axes, panel: Panel) -> None:
    """Draw one panel."""
    match panel:
        case HeatMap():
            _heat_map(axes, panel)
        case Curves():
            _curves(axes, panel)
        case Tokens():
            _tokens(axes, panel)
        case Bars():
            _bars(axes, panel)


def bare(axes: Axes) -> None:
    """Remove frame and ticks."""
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


LETTER, TOKEN_LINE, TOKEN_WIDTH = 0.105, 0.4, 6.6
"""In inches: the width of a monospaced letter, the height of a line of tokens, the width of all lines."""


def _size(panel: Panel) -> tuple[float, float]:
    match panel:
        case HeatMap():
            return 1.1 + CELL * len(panel.column_labels), 1.0 + CELL * len(panel.rows)
        case Curves():
            return 7.0, 4.0
        case Tokens():
            return TOKEN_WIDTH + 0.4, 0.6 + TOKEN_LINE * (
                1 + max((line for line, _, _, _ in _placed(panel)), default=0)
            )
    return 2.4, 0.9 + 0.32 * len(panel.labels)


def _heat_map(axes: Axes, panel: HeatMap) -> None:
    from matplotlib.patches import Rectangle

    height, width = len(panel.rows), len(panel.column_labels)
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.set_xticks(range(width), [_plain(label) for label in panel.column_labels])
    axes.set_yticks(range(height), [_plain(label) for label in panel.row_labels])
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    bare(axes)
    for row, values in enumerate(panel.rows):
        for column, value in enumerate(values):
            step = min(4, 1 + int(value * 4)) if 1e-3 <= value <= 1 else 0
            wrong = (row, column) in panel.marked
            box = Rectangle(
                (column - 0.46, row - 0.46), 0.92, 0.92, facecolor=HEAT[step], edgecolor=WRONG if wrong else LINE,
                linewidth=2.2 if wrong else 0.6,
            )  # fmt: skip
            axes.add_patch(box)
            text = "" if abs(value) < 1e-3 else percent(value) + ("!" if wrong else "")
            axes.text(
                column, row, text, ha="center", va="center", fontsize=8.5, color=ON_DARK if step > 2 else ON_LIGHT
            )


def _curves(axes: Axes, panel: Curves) -> None:
    for index, curve in enumerate(panel.curves):
        points = [(x, y) for x, y in curve.points if math.isfinite(x) and math.isfinite(y)]
        line, mark = STYLES[index % len(STYLES)]
        axes.plot(
            [x for x, _ in points], [y for _, y in points], line, color=SERIES[index % len(SERIES)], linewidth=1.8,
            marker=mark, markersize=4, markevery=max(1, len(points) // 12), label=_plain(curve.label),
        )  # fmt: skip
    for level in panel.levels:
        axes.axhline(level.value, color=SOFT, linewidth=1, linestyle=(0, (6, 3)), zorder=0)
        axes.annotate(
            f"{_plain(level.label)} {level.value:.2f}", (1, level.value), xycoords=("axes fraction", "data"),
            xytext=(-4, 3), textcoords="offset points", ha="right", fontsize=9, color=SOFT,
        )  # fmt: skip
    axes.set_xlabel(_plain(panel.x_label))
    axes.set_ylabel(_plain(panel.y_label))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if panel.curves:
        axes.legend(loc="best", fontsize=9)


def _placed(panel: Tokens) -> list[tuple[int, float, float, str]]:
    """Give each token its line, its start and its width, in inches."""
    placed: list[tuple[int, float, float, str]] = []
    line, x = 0, 0.0
    for token in panel.tokens:
        width = LETTER * (len(token) + 1)
        if x and x + width > TOKEN_WIDTH:
            line, x = line + 1, 0.0
        placed.append((line, x, width, token))
        x += width + 0.05
    return placed


def _tokens(axes: Axes, panel: Tokens) -> None:
    from matplotlib.patches import FancyBboxPatch

    placed = _placed(panel)
    lines = 1 + max((line for line, _, _, _ in placed), default=0)
    axes.set_xlim(0, TOKEN_WIDTH)
    axes.set_ylim(lines * TOKEN_LINE, 0)
    axes.set_axis_off()
    for index, (line, x, width, token) in enumerate(placed):
        y = line * TOKEN_LINE
        box = FancyBboxPatch(
            (x + 0.02, y + 0.08), width - 0.04, TOKEN_LINE - 0.14, boxstyle="round,pad=0,rounding_size=0.05",
            facecolor=TOKENS[index % len(TOKENS)], edgecolor=SOFT, linewidth=0.8, clip_on=False,
        )  # fmt: skip
        axes.add_patch(box)
        axes.text(
            x + width / 2, y + TOKEN_LINE / 2 + 0.01, _plain(token), ha="center", va="center", fontsize=10,
            family="DejaVu Sans Mono", color=ON_LIGHT,
        )  # fmt: skip


def _bars(axes: Axes, panel: Bars) -> None:
    positions = range(len(panel.labels))
    values = [value if math.isfinite(value) else 0.0 for value in panel.values]
    axes.barh(positions, values, color=SERIES[0], height=0.62)
    axes.axvline(0, color=SOFT, linewidth=0.8)
    axes.set_yticks(positions, [_plain(label) for label in panel.labels])
    axes.set_xticks([])
    axes.invert_yaxis()
    axes.margins(x=0.45)
    axes.tick_params(labelcolor=INK)
    bare(axes)
    for index, value in enumerate(panel.values):
        text = f"{value:.2f}" if math.isfinite(value) else "?"
        left = value < 0
        axes.annotate(
            text, (values[index], index), xytext=(-4 if left else 4, 0), textcoords="offset points", va="center",
            ha="right" if left else "left", fontsize=9,
        )  # fmt: skip


def _plain(text: str) -> str:
    """Keep matplotlib from reading a text as a formula."""
    return text.replace("$", r"\$")


def write(name: str, make: Callable[[], Figure], alt: str) -> tuple[str, bytes]:
    """Draw a figure; return it as SVG and as PNG."""
    with drawing(name):
        figure = make()
        return as_svg(figure, alt), as_png(figure)


def pictures(name: str, all_pictures: Sequence[Picture]) -> list[tuple[str, bytes]]:
    """Draw pictures; return each as SVG and as PNG."""
    return [
        write(f"{name}-{index}", lambda picture=picture: draw(picture), picture.in_words())  # type: ignore[misc]
        for index, picture in enumerate(all_pictures, 1)
    ]
