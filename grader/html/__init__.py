"""How HTML pages are made of templates: one frame and style for all. It needs the extra `reports` or `pictures`."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader import __version__

__all__ = ["environment"]


@cache
def environment(package: str) -> Environment:
    """Return what makes pages of a package's templates, which extend `base.html.j2`; no page may run scripts."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__name__)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["code"] = _code
    made.globals["version"] = __version__
    return made


def _code(text: str) -> Markup:
    """Set what stands between backticks as code."""
    parts = re.split(r"`([^`\n]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
