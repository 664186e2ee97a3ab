"""Pictures of what a learner's module does.

What draws an exercise lies with the course, in `pictures/<id>.py`; here is what it draws with, and what shows it in a
terminal, as SVG and PNG, and on a page. See docs/authoring.md.
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
