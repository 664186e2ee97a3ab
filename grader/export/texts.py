"""Files that are made from templates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")


def from_template(name: str, values: Mapping[str, str]) -> bytes:
    """Return a template with `{{key}}` replaced by values; what GitHub itself replaces has spaces inside, and stays."""
    text = (TEMPLATES / f"{name}.tmpl").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{{{key}}}}}", value)
    return text.encode()
