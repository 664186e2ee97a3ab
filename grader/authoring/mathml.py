"""A Sphinx extension: formulas become MathML while the site is built, and browsers draw it without any script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from docutils import nodes

from grader import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

MATHML = "http://www.w3.org/1998/Math/MathML"
OPERATOR, NAME, SPACE = (f"{{{MATHML}}}{tag}" for tag in ("mo", "mi", "mspace"))
SIGNS, CLOSING = ("+", "-", "−", "±"), (")", "]", "}", "|", "!", "⌋")  # noqa: RUF001


def inline_math(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write an inline formula."""
    translator.body.append(f'<span class="math">{converted(node.astext(), "inline")}</span>')
    raise nodes.SkipNode


def block_math(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula on its own line; a wide one can also be scrolled with the keyboard."""
    formula = converted(node.astext(), "block")
    translator.body.append(f'<div class="math" tabindex="0" role="group" aria-label="formula">{formula}</div>\n')
    raise nodes.SkipNode


def converted(formula: str, display: str = "inline") -> str:
    """Write a formula as MathML: a sign is close to its number, and there is a space between `ln` and its argument."""
    from latex2mathml.converter import convert

    ElementTree.register_namespace("", MATHML)
    # The only function name that the converter doesn't know.
    known = formula.strip().replace(r"\arg", r"\operatorname{arg}")
    element = ElementTree.fromstring(convert(known, display=display))
    for row in element.iter():
        before: ElementTree.Element | None = None
        for part in row:
            if part.tag == OPERATOR and part.text in SIGNS and _opens(before):
                part.set("form", "prefix")
            if (part.text or "").strip() or len(part):
                before = part
        for part in list(row):
            index = list(row).index(part)
            after = row[index + 1] if index + 1 < len(row) else None
            if (
                part.tag == NAME
                and len(part.text or "") > 1
                and after is not None
                and after.text not in ("(", *CLOSING)
            ):
                row.insert(index + 1, ElementTree.Element(SPACE, {"width": "0.17em"}))
    return ElementTree.tostring(element, encoding="unicode")


def _opens(part: ElementTree.Element | None) -> bool:
    """Say whether a sign after this part belongs to the next part."""
    return part is None or (part.tag == OPERATOR and part.text not in CLOSING)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the way to write formulas with Sphinx."""
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
