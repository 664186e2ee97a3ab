"""Pictures of what a learner's module does.

The course has the code that draws an exercise, in `pictures/<id>.py`. This package has the parts that it draws with,
and shows pictures in a terminal, as SVG and PNG, and on a page. See docs/authoring.md.
"""

from grader.pictures.describe import (
    Bars,
    Curve,
    Curves,
    HeatMap,
    Level,
    Panel,
    Picture,
    Tokens,
    shown_bytes,
    table,
)

__all__ = [
    "Bars",
    "Curve",
    "Curves",
    "HeatMap",
    "Level",
    "Panel",
    "Picture",
    "Tokens",
    "shown_bytes",
    "table",
]
