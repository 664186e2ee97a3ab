"""The whole model as a diagram: two tables in front, blocks in the middle, a norm and the head at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.figures import arrow, box, canvas
from grader.pictures import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIDDLE = ("dropout", "block 0", "block 1", "…")


def the_model() -> Figure:
    """Draw the way from ids to logits from left to right, with shapes below."""
    figure, axes = canvas(7.8, 2.2, 20.6, 5.6)
    stream, height = 2.9, 0.9
    axes.text(0.75, 4.2, "ids", ha="center", va="center", fontsize=10)
    axes.text(0.75, 1.6, "0, 1, 2, …", ha="center", va="center", fontsize=9)
    for y, name, colour in ((4.2, "tok_emb", drawn.TOKENS[0]), (1.6, "pos_emb", drawn.TOKENS[1])):
        arrow(axes, (1.75, y), (2.15, y))
        box(axes, 2.3, y - height / 2, 1.9, height, name, colour=colour, size=9)
        axes.plot([4.2, 4.95], [y, y], color=drawn.SOFT, linewidth=1.6)
        arrow(axes, (4.95, y), (4.95, stream + (0.5 if y > stream else -0.5)))
    box(axes, 4.65, stream - 0.36, 0.6, 0.72, "+", size=12)
    x = 5.25
    for name in (*MIDDLE, "final_norm", "out_head"):
        width = 0.6 if name == "…" else 1.95
        arrow(axes, (x, stream), (x + 0.34, stream), colour=drawn.SERIES[0])
        x += 0.45
        if name == "…":
            axes.text(x + width / 2, stream, name, ha="center", va="center", fontsize=12)
        else:
            colour = drawn.TOKENS[2] if name.startswith("block") else ""
            box(axes, x, stream - height / 2, width, height, name, colour=colour, size=9)
        x += width
    arrow(axes, (x, stream), (x + 0.4, stream), colour=drawn.SERIES[0])
    axes.text(x + 0.65, stream, "logits", ha="left", va="center", fontsize=10)
    for at, shape in (
        (1.35, "(batch, tokens)"),
        (10.2, "(batch, tokens, emb_dim)"),
        (18.6, "(batch, tokens, vocab_size)"),
    ):
        axes.text(at, 0.45, shape, ha="center", va="center", fontsize=8.5, color=drawn.SOFT)
    axes.text(10.2, 4.0, "n_layers blocks, one after another", ha="center", va="center", fontsize=9, color=drawn.SOFT)
    return figure


FIGURES = {"gpt_model": the_model}
