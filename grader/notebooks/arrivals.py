"""Prepare submissions for nbgrader, which only recognizes notebooks by their exact names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course import Course
from grader.grading import NotANotebook, read_notebook
from grader.grading.answers import ORIGINAL, answers_in
from grader.grading.handed_in import files_of
from grader.grading.notebook import inner, read_tree
from grader.grading.notices import Notice
from grader.notebooks.to_the_letter import clean, fault_in, to_the_letter

MADE_FROM, ABOUT, REPAIRED = "made_from", "about", "repaired"
"""What a notebook's metadata say about it: the file that it shows, a sentence about that, and what was repaired."""
UNREADABLE = ".unreadable"
NOTHING = "nothing"


def prepare(course: Course, exercises: list[str], folder: Path) -> Iterator[Notice]:
    """Put a readable notebook with its name into a submission for each exercise; yield a notice about each.

    The notices are the same each time, also if an earlier run has put the notebook there.

    The notebook shows the code that was handed in under another name or as a module. The grader grades the original,
    which is kept. A notebook that can't be read is renamed. One that isn't quite what Jupyter writes is repaired, and
    the file that was handed in is kept under another name.

    Args:
        course: the course.
        exercises: the ids of the assignment's exercises.
        folder: the folder of the submission.
    """
    student = folder.parent.name
    for exercise in exercises:
        path = folder / f"{exercise}.ipynb"
        problem = _problem(path)
        if problem == "":
            tree = _repaired(path)
            reason, about = (inner(tree, "metadata", "grader", key) for key in (REPAIRED, ABOUT))
            if isinstance(reason, str):
                yield Notice(
                    f"{path.name} isn't a notebook as Jupyter writes it ({reason}). It was repaired. "
                    f"{path.name}{ORIGINAL} is what was handed in.",
                    student,
                )
            elif isinstance(about, str):
                yield Notice(about, student, "not_graded" if _is_of_nothing(tree) else "remark")
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
        notebook = new_notebook(cells=[new_markdown_cell(f"**{about}**"), *map(new_code_cell, map(clean, cells))])
        notebook.metadata.grader = {"exercise": exercise, MADE_FROM: origin or NOTHING, ABOUT: about}
        nbformat.write(notebook, path)
        yield Notice(about, student, "remark" if origin else "not_graded")


def _is_of_nothing(tree: object) -> bool:
    return inner(tree, "metadata", "grader", MADE_FROM) == NOTHING


def _problem(path: Path) -> str | None:
    """Say what is wrong with a notebook; an empty text if it can be read, None if there is none."""
    if path.is_symlink():
        return "a link"
    if not path.exists():
        return None
    try:
        read_notebook(path.read_bytes())
    except NotANotebook as problem:
        return str(problem)
    return ""


def _repaired(path: Path) -> object:
    """Write a notebook to the letter of its format, if it isn't; return its content."""
    data = path.read_bytes()
    tree = read_tree(data)
    reason = fault_in(data)
    if not reason:
        return tree
    repaired = to_the_letter(tree)
    repaired.metadata.grader = {**repaired.metadata.get("grader", {}), REPAIRED: clean(reason)}
    path.rename(path.with_name(f"{path.name}{ORIGINAL}"))
    nbformat.write(repaired, path)
    return repaired


def _original(course: Course, exercise: str, folder: Path) -> tuple[str, list[str]]:
    """Return the name of the file to grade for an exercise, and its code, cell by cell."""
    answers = answers_in(files_of(folder), course)
    return answers.names.get(exercise, ""), [
        cell.text for cell in answers.cells.get(exercise, []) if not cell.is_locked
    ]
