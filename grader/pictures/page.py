"""The pictures of an exercise in files: SVG and PNG each, and one page that holds them all."""

from __future__ import annotations

import base64
from pathlib import Path

from grader.extras import require
from grader.pictures import drawn
from grader.pictures.show import Shown


def write_pictures(shown: Shown, folder: Path) -> list[Path]:
    """Write pictures and page into a folder, which is made if need be; return the page's path, then the others'.

    Raises:
        MissingPackage: what draws them, or what makes the page, is not installed.
    """
    require_pictures()
    from grader.html import environment

    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{shown.exercise}.html"]
    sources = []
    for place, (svg, png) in enumerate(drawn.pictures(shown.exercise, shown.pictures), 1):
        for suffix, data in (("svg", svg.encode()), ("png", png)):
            written.append(folder / f"{shown.exercise}-{place}.{suffix}")
            written[-1].write_bytes(data)
        sources.append(f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}")
    page = environment("grader.pictures").get_template("pictures.html.j2")
    text = page.render(shown=shown, drawn=list(zip(shown.pictures, sources, strict=True)))
    written[0].write_text(text, encoding="utf-8", newline="\n")
    return written


def require_pictures() -> None:
    """Make sure that pictures and page can be written.

    Raises:
        MissingPackage: they cannot.
    """
    require("Pictures in files need", "pictures", "matplotlib", "jinja2", "markupsafe")
