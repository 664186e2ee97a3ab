"""Which columns of the output each of three heads makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import Picture, drawn
from pictures.multi_head_wrapper import OWNERS, heat_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def heads_side_by_side() -> Figure:
    """Draw a row for each head, with the columns that it makes."""
    return drawn.draw(Picture("", (heat_map("heads and the columns they make", OWNERS),)))


FIGURES = {"side_by_side": heads_side_by_side}
