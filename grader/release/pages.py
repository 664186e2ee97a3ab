"""Pages for students: which files they link to, and the same pages without links that would lead nowhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

_CODE = re.compile(r"(^ *(?:```|~~~).*?^ *(?:```|~~~)[^\n]*$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_ELSEWHERE = re.compile(r"\w+:|#")
# How a page's quoted screens are renewed concerns only the project that they come from.
_SCREEN = re.compile(r"^<!-- \{\{\{.*?\}\}\} -->\n", re.MULTILINE)


def linked(name: str, text: str) -> Iterator[str]:
    """Yield the files of the course that a page links to, as paths from the course's folder.

    Args:
        name: the page's path from the course's folder.
        text: the page, in Markdown.
    """
    for part in _CODE.split(text)[::2]:
        for link in _LINK.finditer(part):
            if target := _target(name, link["target"]):
                yield target


def released_page(name: str, text: str, released: Collection[str]) -> str:
    """Return a page whose links all lead somewhere; where a file isn't released, only the link's text remains.

    Args:
        name: the page's path from the course's folder.
        text: the page, in Markdown.
        released: the paths of all released files.
    """

    def kept(link: re.Match[str]) -> str:
        target = _target(name, link["target"])
        return link[0] if not target or target in released else link["text"]

    parts = _CODE.split(_SCREEN.sub("", text))
    return "".join(part if number % 2 else _LINK.sub(kept, part) for number, part in enumerate(parts))


def _target(name: str, target: str) -> str:
    """Return the path that a link leads to, from the course's folder; empty if it leads out of the course's files."""
    if _ELSEWHERE.match(target):
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target.partition("#")[0]))
