"""The curve between "knows nothing" and "nothing left to learn": as a picture, and drawn with characters."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capstone.training import Point

WIDTH, HEIGHT = 46, 14
"""Characters of the curve in a terminal, without its labels."""
_LEAST = 0.001
"""The smallest value drawn, in nats; zero has no logarithm."""
_SETTINGS = {"svg.hashsalt": "capstone", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]}
_TICKS = (0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8)


@dataclass(frozen=True)
class Level:
    """A cross-entropy that needs no model."""

    name: str
    nats: float


def pictures(points: Sequence[Point], levels: Sequence[Level], end: float) -> dict[str, bytes]:
    """Draw the curve as PNG and SVG; the keys are file extensions.

    Args:
        points: the curve.
        levels: horizontal lines.
        end: the model's cross-entropy on all held-out text.

    Raises:
        ImportError: matplotlib is not installed.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    with matplotlib.rc_context(_SETTINGS):  # type: ignore[arg-type]
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.add_subplot()
        steps = [point.step for point in points]
        for level, dashes in zip(levels, ("-", "--", "-.", ":"), strict=False):
            axes.axhline(level.nats, color="#777777", linestyle=dashes, linewidth=1)
            axes.annotate(
                f"{level.name}: {level.nats:.2f}", (1, level.nats), (6, 0), ("axes fraction", "data"), "offset points",
                va="center", fontsize=9, annotation_clip=False,
            )  # fmt: skip
        trained, kept = [point.train for point in points], [point.kept for point in points]
        axes.plot(steps, trained, color="#c8641b", linestyle="--", label="training text")
        axes.plot(steps, kept, color="#1f5fa8", label="held-out text")
        last = f"at the end, on all held-out text: {end:.2f}"
        axes.plot([steps[-1]], [end], color="black", marker="D", linestyle="", label=last)
        axes.set_xlim(0, steps[-1] * 1.01)
        # Logarithmic, so that the last part, where the model learns to remember, isn't squeezed at the bottom.
        axes.set_yscale("log")
        lowest = max(_LEAST, min([end, *kept, *trained, *(level.nats for level in levels)]))
        axes.set_ylim(0.8 * lowest, 1.15 * levels[0].nats)
        axes.yaxis.set_major_locator(FixedLocator(_TICKS))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("training steps")
        axes.set_ylabel("cross-entropy, nats per token")
        axes.set_title("Your GPT, from knowing nothing to nothing left to learn", fontsize=11)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, fontsize=9, loc="upper right", bbox_to_anchor=(1, 0.86))
        return _written(figure)


def in_characters(points: Sequence[Point], levels: Sequence[Level]) -> str:
    """Draw the curve with characters: stars for the held-out text, a horizontal line for each level."""
    heights = [level.nats for level in levels] + [point.kept for point in points]
    top, low = max(heights), max(_LEAST, min(heights))

    def row_of(nats: float) -> int:
        return round((HEIGHT - 1) * math.log(top / max(low, nats)) / math.log(top / low))

    rows = [[" "] * WIDTH for _ in range(HEIGHT)]
    names: list[list[str]] = [[] for _ in range(HEIGHT)]
    for level in levels:
        row = row_of(level.nats)
        rows[row] = ["-"] * WIDTH
        names[row].append(f"{level.name} {level.nats:.2f}")
    for point in points:
        column = round((WIDTH - 1) * point.step / points[-1].step)
        rows[row_of(point.kept)][column] = "*"
    lines = [f"  {''.join(row)} {', '.join(name)}".rstrip() for row, name in zip(rows, names, strict=True)]
    return "\n".join([*lines, f"  {'0':<{WIDTH - 8}}{points[-1].step:>8} steps"])


Shares = Mapping[str, Sequence[tuple[int, float]]]
"""For each training by name, steps and shares of right answers."""


def pictures_of_shares(shares: Shares, levels: Sequence[Level], title: str) -> dict[str, bytes]:
    """Draw shares of right answers as PNG and SVG; the keys are file extensions.

    Args:
        shares: the curves.
        levels: horizontal lines; their height is a share.
        title: the title.

    Raises:
        ImportError: matplotlib is not installed.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    with matplotlib.rc_context(_SETTINGS):  # type: ignore[arg-type]
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.add_subplot()
        for level, dashes in zip(levels, ("--", "-.", ":"), strict=False):
            axes.axhline(level.nats, color="#777777", linestyle=dashes, linewidth=1)
            axes.annotate(
                f"{level.name}: {level.nats:.0%}", (1, level.nats), (6, 0), ("axes fraction", "data"), "offset points",
                va="center", fontsize=9, annotation_clip=False,
            )  # fmt: skip
        styles = (("#1f5fa8", "o"), ("#c8641b", "s"), ("black", "^"))
        for (name, points), (color, marker) in zip(shares.items(), styles, strict=False):
            axes.plot(*zip(*points, strict=True), color=color, marker=marker, markersize=4, label=name)
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.03)
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel("training steps")
        axes.set_ylabel("right answers on held-out examples")
        axes.set_title(title, fontsize=11)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, fontsize=9, loc="lower right")
        return _written(figure)


def in_characters_of_shares(shares: Shares, levels: Sequence[Level]) -> str:
    """Draw shares of right answers with characters: a letter or sign for each curve, a line for each level."""
    rows = [[" "] * WIDTH for _ in range(HEIGHT)]
    names: list[list[str]] = [[] for _ in range(HEIGHT)]
    for level in levels:
        row = round((HEIGHT - 1) * (1 - level.nats))
        rows[row] = ["-"] * WIDTH
        names[row].append(f"{level.name} {level.nats:.0%}")
    last = max(step for points in shares.values() for step, _ in points)
    signs = dict(zip(shares, "*o+", strict=False))
    for name, sign in signs.items():
        for step, share in shares[name]:
            rows[round((HEIGHT - 1) * (1 - share))][round((WIDTH - 1) * step / last)] = sign
    lines = [f"  {''.join(row)} {', '.join(name)}".rstrip() for row, name in zip(rows, names, strict=True)]
    legend = ", ".join(f"{sign} {name}" for name, sign in signs.items())
    return "\n".join([*lines, f"  {'0':<{WIDTH - 8}}{last:>8} steps", f"  right answers, from 0% to 100%: {legend}"])


def _written(figure: Any) -> dict[str, bytes]:
    """Return a figure as PNG and SVG, the same bytes each time."""
    drawn = {}
    for kind, hidden in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
        written = io.BytesIO()
        figure.savefig(written, format=kind, dpi=150, metadata=hidden)
        drawn[kind] = written.getvalue()
    # Some of matplotlib's lines end with a space.
    drawn["svg"] = b"\n".join(line.rstrip() for line in drawn["svg"].splitlines()) + b"\n"
    return drawn
