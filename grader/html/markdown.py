"""Markdown of the instructor's as HTML for our pages: no HTML of its own, and nothing that a page would load."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


def markdown(text: str) -> Markup:
    """Turn Markdown into HTML; HTML in it appears as text, and an image as a link."""
    return Markup(_renderer().render(text))


@cache
def _renderer() -> MarkdownIt:
    # This preset allows no HTML, and no links that run something.
    return MarkdownIt("js-default").disable("image")
