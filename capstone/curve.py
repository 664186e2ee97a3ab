"""The curve between "knows nothing" and "nothing left to learn": as a picture, and drawn with characters."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from capstone.training import Point

WIDTH, HEIGHT = 46, 14
"""Characters of the curve in a terminal, without its labels."""
_LEAST = 0.001
"""The smallest value drawn, in nats; zero has no logarithm."""
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

    settings = {"svg.hashsalt": "capstone", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]}
    with matplotlib.rc_context(settings):  # type: ignore[arg-type]
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
        drawn = {}
        for kind, hidden in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
            written = io.BytesIO()
            figure.savefig(written, format=kind, dpi=150, metadata=hidden)
            drawn[kind] = written.getvalue()
    # Some of matplotlib's lines end with a space.
    drawn["svg"] = b"\n".join(line.rstrip() for line in drawn["svg"].splitlines()) + b"\n"
    return drawn


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
