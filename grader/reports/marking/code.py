"""A module as lines of HTML with colors. The code is only read, and everything in it is escaped."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MOST_LINES, LONGEST_LINE = 3_000, 400
"""Lines that are shown, and characters of a line."""


@dataclass(frozen=True)
class Code:
    """A module for a page.

    Attributes:
        lines: its lines as HTML.
        more: the number of lines that aren't shown.
    """

    lines: tuple[Markup, ...]
    more: int = 0


def code_of(source: bytes) -> Code:
    """Color a module."""
    lines = [_short(line) for line in source.decode("utf-8", "replace").splitlines()]
    shown = "\n".join(lines[:MOST_LINES])
    colored = highlight(shown, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    # The formatter closes what it opens in a line before the line ends.
    html = tuple(Markup(line) for line in colored.split("\n")[: len(lines[:MOST_LINES])])
    return Code(html, max(0, len(lines) - MOST_LINES))


def _short(line: str) -> str:
    clean = "".join(
        character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}" for character in line
    )
    return clean if len(clean) <= LONGEST_LINE else f"{clean[:LONGEST_LINE]} …"
