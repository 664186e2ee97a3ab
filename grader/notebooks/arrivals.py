"""Prepare submissions for nbgrader, which only recognizes notebooks by their exact names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.course import Course
from grader.grading import NotANotebook, read_notebook
from grader.grading.answers import ORIGINAL

MADE_FROM = "made_from"
UNREADABLE = ".unreadable"
MAX_REASON = 100


def prepare(course: Course, exercises: list[str], folder: Path) -> Iterator[str]:
    """Put a readable notebook with its name into a submission for each exercise; yield a sentence for each.

    The notebook shows the code that was handed in under another name or as a module. The grader grades the original,
    which is kept. A notebook that can't be read is renamed. One that isn't quite what Jupyter writes is repaired, and
    the file that was handed in is kept under another name.

    Args:
        course: the course.
        exercises: the ids of the assignment's exercises.
        folder: the folder of the submission.
    """
    for exercise in exercises:
        path = folder / f"{exercise}.ipynb"
        problem = _problem(path)
        if problem == "":
            reason = _repair(path)
            if reason:
                yield (
                    f"{folder.parent.name}: {path.name} isn't a notebook as Jupyter writes it ({reason}). It was "
                    f"repaired. {path.name}{ORIGINAL} is what was handed in."
                )
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
    except NotANotebook as problem:
        return str(problem)
    return ""


def _repair(path: Path) -> str:
    """Write a notebook to the letter of its format, if it isn't; return what was wrong, or an empty text."""
    errors: dict[str, Exception] = {}
    try:
        nbformat.read(path, as_version=4, capture_validation_error=errors)
        error = errors.get("ValidationError")
    except Exception as raised:
        error = raised
    if error is None:
        return ""
    repaired = _to_the_letter(json.loads(path.read_bytes()))
    path.rename(path.with_name(f"{path.name}{ORIGINAL}"))
    nbformat.write(repaired, path)
    line = str(getattr(error, "message", error)).splitlines() or [""]
    return line[0][:MAX_REASON] or type(error).__name__


def _to_the_letter(tree: dict[str, Any]) -> NotebookNode:
    """Make a notebook of format 4 from the cells of one that may break the rules; their outputs are left out."""
    sheets = [tree, *(sheet for sheet in tree.get("worksheets") or [] if isinstance(sheet, dict))]
    cells = [cell for sheet in sheets for cell in sheet.get("cells") or [] if isinstance(cell, dict)]
    makers = {"code": new_code_cell, "raw": new_raw_cell}
    notebook = new_notebook()
    for cell in cells:
        source = cell.get("source", cell.get("input", ""))
        lines = source if isinstance(source, list) else [source]
        make = makers.get(str(cell.get("cell_type")), new_markdown_cell)
        notebook.cells.append(make("".join(line for line in lines if isinstance(line, str))))
        notebook.cells[-1].metadata |= nbformat.from_dict(_metadata(cell))
        if make is not new_code_cell and (pictures := _attachments(cell)):
            notebook.cells[-1].attachments = nbformat.from_dict(pictures)
    about = tree.get("metadata")
    if isinstance(about, dict) and isinstance(about.get("grader"), dict):
        notebook.metadata.grader = nbformat.from_dict(about["grader"])
    notebook.metadata.kernelspec = nbformat.from_dict({"name": "python3", "display_name": "Python 3"})
    return notebook


def _metadata(cell: dict[str, Any]) -> dict[str, Any]:
    """Return what matters of a cell's metadata: nbgrader's marks, and its tags, each once."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    kept = {key: metadata[key] for key in ("nbgrader",) if isinstance(metadata.get(key), dict)}
    tags = metadata.get("tags")
    if isinstance(tags, list):
        kept["tags"] = list(dict.fromkeys(tag for tag in tags if isinstance(tag, str) and "," not in tag))
    return kept


def _attachments(cell: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the pictures of a cell with text, without which it can't be shown: by name, and by their kind."""
    attachments = cell.get("attachments")
    return {
        name: data
        for name, data in (attachments.items() if isinstance(attachments, dict) else ())
        if isinstance(data, dict) and all(isinstance(text, str) for text in data.values())
    }


def _original(course: Course, exercise: str, folder: Path) -> tuple[str, list[str]]:
    """Return the name of the file to grade for an exercise, and its code, cell by cell."""
    for path in sorted(folder.glob("*.ipynb")):
        if path.stem not in course.by_id and path.is_file():
            try:
                notebook = read_notebook(path.read_bytes())
            except NotANotebook:
                continue
            if notebook.exercise == exercise:
                return path.name, [cell.text for cell in notebook.cells if not cell.is_locked]
    module = folder / f"{exercise}.py"
    if module.is_file() and not module.is_symlink():
        return module.name, [module.read_text(encoding="utf-8", errors="replace")]
    return "", []
