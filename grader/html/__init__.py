"""HTML pages from templates that share one layout and style. This needs the extra `reports` or `pictures`."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader import __version__
from grader.html.markdown import markdown

__all__ = ["environment"]


@cache
def environment(package: str) -> Environment:
    """Return an environment for a package's templates, which extend `base.html.j2`; no page may run scripts."""
    jinja = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__name__)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    jinja.filters["code"] = _code
    jinja.filters["markdown"] = markdown
    jinja.globals["version"] = __version__
    return jinja


def _code(text: str) -> Markup:
    """Mark text between backticks as code."""
    parts = re.split(r"`([^`\n]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )
