"""Prepare submissions for nbgrader, which only recognizes notebooks by their exact names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course import Course
from grader.grading import NotANotebook, read_notebook

MADE_FROM = "made_from"
UNREADABLE = ".unreadable"


def prepare(course: Course, exercises: list[str], folder: Path) -> Iterator[str]:
    """Put a readable notebook with its name into a submission for each exercise; yield a sentence for each.

    The notebook shows the code that was handed in under another name or as a module. The grader grades the original,
    which is kept. A notebook that can't be read is renamed.

    Args:
        course: the course.
        exercises: the ids of the assignment's exercises.
        folder: the folder of the submission.
    """
    for exercise in exercises:
        path = folder / f"{exercise}.ipynb"
        problem = _problem(path)
        if problem == "":
            continue
        origin, cells = _original(course, exercise, folder)
        problem_text = f"There is no {path.name} in this submission"
        if path.is_symlink() or path.exists():
            aside = path.with_name(f"{path.name}{UNREADABLE}")
            path.rename(aside)
            problem_text = f"{path.name} was {problem}; it is now called {aside.name}"
        about = (
            f"{problem_text}. {origin} is graded instead."
            if origin
            else f"{problem_text}. There is nothing else to grade for {exercise}."
        )
        notebook = new_notebook(cells=[new_markdown_cell(f"**{about}**"), *map(new_code_cell, cells)])
        notebook.metadata.grader = {"exercise": exercise, MADE_FROM: origin or "nothing"}
        nbformat.write(notebook, path)
        yield f"{folder.parent.name}: {about}"


def _problem(path: Path) -> str | None:
    """Say what is wrong with a notebook; an empty text if it can be read, None if there is none."""
    if path.is_symlink():
        return "a link"
    if not path.exists():
        return None
    try:
        read_notebook(path.read_bytes())
        nbformat.read(path, as_version=4)
    except NotANotebook as problem:
        return str(problem)
    except Exception as error:
        return f"not a notebook that Jupyter can read ({type(error).__name__})"
    return ""


def _original(course: Course, exercise: str, folder: Path) -> tuple[str, list[str]]:
    """Return the name of the file to grade for an exercise, and its code, cell by cell."""
    for path in sorted(folder.glob("*.ipynb")):
        if path.stem not in course.by_id and path.is_file():
            try:
                notebook = read_notebook(path.read_bytes())
            except NotANotebook:
                continue
            if notebook.exercise == exercise:
                return path.name, [cell.text for cell in notebook.cells]
    module = folder / f"{exercise}.py"
    if module.is_file() and not module.is_symlink():
        return module.name, [module.read_text(encoding="utf-8", errors="replace")]
    return "", []
