"""The pictures of an exercise in files: SVG and PNG each, and one page that holds them all."""

from __future__ import annotations

import base64
from pathlib import Path

from grader.course import Course
from grader.extras import require
from grader.pictures import drawn
from grader.pictures.show import Shown, show


def show_and_write(course: Course, exercise: str, out: Path | None) -> tuple[Shown, list[Path]]:
    """Draw the learner's module of an exercise, and write pictures and page if a folder is given.

    Returns:
        What was drawn, and the files, the page first.

    Raises:
        MissingPackage: what draws pictures into files is not installed.
        NoPicture: nothing draws this exercise.
        NothingToShow: the module does not do what would be drawn; the message says why.
    """
    if out is not None:
        require_pictures()
    import torch

    # On tensors this small, threads that wait for one another cost twenty times the work.
    torch.set_num_threads(1)
    shown = show(course, exercise)
    return shown, [] if out is None else write_pictures(shown, out)


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
