"""The files of a new course or a new exercise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

FOLDER = Path(__file__).with_name("templates")
SUFFIX = ".tmpl"
HIDDEN = {"gitignore": ".gitignore"}
"""Files whose names start with a dot; the names of their templates don't, so that they are packaged like all others."""


def filled(kind: str, values: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield the path and text of each file of a kind, `course` or `exercise`.

    Args:
        kind: the folder of templates.
        values: what replaces `{{name}}` in the texts; `id` replaces ID in the files' names too.
    """
    for template in sorted((FOLDER / kind).rglob(f"*{SUFFIX}")):
        path = template.relative_to(FOLDER / kind)
        name = path.name.removesuffix(SUFFIX).replace("ID", values["id"])
        text = template.read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"{{{{{key}}}}}", value)
        yield path.with_name(HIDDEN.get(name, name)), text
