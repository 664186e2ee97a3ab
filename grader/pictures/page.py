"""Write the pictures of an exercise to files: each as SVG and PNG, and a page with all of them."""

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
        The pictures, and the files (the page first).

    Raises:
        MissingPackage: a package that draws pictures to files is not installed.
        NoPicture: there is no picture for this exercise.
        NothingToShow: the module's results can't be drawn; the message says why.
    """
    if out is not None:
        require_pictures()
    import torch

    # On tensors this small, threads waiting for one another take twenty times the actual work.
    torch.set_num_threads(1)
    shown = show(course, exercise)
    return shown, [] if out is None else write_pictures(shown, out)


def write_pictures(shown: Shown, folder: Path) -> list[Path]:
    """Write pictures and page into a folder, which is created if necessary; return the page's path, then the others.

    Raises:
        MissingPackage: a package that draws them or makes the page is not installed.
    """
    require_pictures()
    from grader.html import environment

    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{shown.exercise}.html"]
    sources = []
    for number, (svg, png) in enumerate(drawn.pictures(shown.exercise, shown.pictures), 1):
        for suffix, data in (("svg", svg.encode()), ("png", png)):
            written.append(folder / f"{shown.exercise}-{number}.{suffix}")
            written[-1].write_bytes(data)
        sources.append(f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}")
    page = environment("grader.pictures").get_template("pictures.html.j2")
    text = page.render(shown=shown, drawn=list(zip(shown.pictures, sources, strict=True)))
    written[0].write_text(text, encoding="utf-8", newline="\n")
    return written


def require_pictures() -> None:
    """Make sure that pictures and page can be written.

    Raises:
        MissingPackage: a package is missing.
    """
    require("Pictures in files need", "pictures", "matplotlib", "jinja2", "markupsafe")
