"""Writes a notebook to the letter of its format, from one that nbgrader would refuse or change."""

from __future__ import annotations

import codecs
import json
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbformat.validator import iter_validate

from grader.grading.notebook import cells_of, inner

MAX_REASON = 100
CURRENT = 4
"""The version of the notebook format that nbgrader reads without converting."""


def fault_in(data: bytes) -> str:
    """Say how a notebook breaks the rules of its format; an empty text if it doesn't.

    Args:
        data: the bytes of a file from which a notebook's cells can be read.
    """
    if data.startswith(codecs.BOM_UTF8):
        return "it begins with a byte order mark"
    try:
        tree = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        return "it isn't in UTF-8"
    except ValueError as error:
        return str(error)[:MAX_REASON]
    if not isinstance(tree, dict) or tree.get("nbformat") not in (3, CURRENT):
        return "it doesn't say which version of the format it has"
    if tree["nbformat"] == CURRENT:
        return _fault_in_tree(tree)
    errors: dict[str, Exception] = {}
    try:
        nbformat.reads(data.decode("utf-8"), as_version=CURRENT, capture_validation_error=errors)
    except Exception as error:
        return _first_line(error)
    return _first_line(errors["ValidationError"]) if "ValidationError" in errors else ""


def _fault_in_tree(tree: dict[str, Any]) -> str:
    try:
        error = next(iter(iter_validate(tree, relax_add_props=True)), None)
        if error is not None:
            return _first_line(error)
        ids = [cell["id"] for cell in tree["cells"] if "id" in cell]
        if len(set(ids)) < len(ids):
            return "two cells have the same id"
        json.dumps(tree, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return "it contains half of a character"
    except Exception as error:
        # The validator stumbles over some notebooks itself.
        return _first_line(error)
    return ""


def _first_line(error: Exception) -> str:
    lines = str(getattr(error, "message", error)).splitlines() or [""]
    return lines[0][:MAX_REASON] or type(error).__name__


def _no_constant(name: str) -> None:
    raise ValueError(f"it contains {name}, which JSON doesn't have")


def clean(text: str) -> str:
    """Replace what UTF-8 can't contain."""
    return text.encode("utf-8", "replace").decode("utf-8")


def to_the_letter(tree: object) -> NotebookNode:
    """Make a notebook of format 4 from the cells of one that may break the rules; their outputs are left out."""
    cells = cells_of(tree) or []
    makers = {"code": new_code_cell, "raw": new_raw_cell}
    notebook = new_notebook()
    for cell in cells:
        source = cell.get("source", cell.get("input", ""))
        lines = source if isinstance(source, list) else [source]
        make = makers.get(str(cell.get("cell_type")), new_markdown_cell)
        notebook.cells.append(make(clean("".join(line for line in lines if isinstance(line, str)))))
        notebook.cells[-1].metadata |= nbformat.from_dict(_metadata(cell))
        if make is not new_code_cell and (pictures := _attachments(cell)):
            notebook.cells[-1].attachments = nbformat.from_dict(pictures)
    exercise = inner(tree, "metadata", "grader", "exercise")
    if isinstance(exercise, str):
        notebook.metadata.grader = nbformat.from_dict({"exercise": clean(exercise)})
    notebook.metadata.kernelspec = nbformat.from_dict({"name": "python3", "display_name": "Python 3"})
    return notebook


def _metadata(cell: dict[str, Any]) -> dict[str, Any]:
    """Return what matters of a cell's metadata: nbgrader's marks, and its tags, each once."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    marks = metadata.get("nbgrader")
    kept: dict[str, Any] = {}
    if isinstance(marks, dict):
        kept["nbgrader"] = {name: value for name, value in marks.items() if isinstance(value, str | bool | int)}
    tags = metadata.get("tags")
    if isinstance(tags, list):
        kept["tags"] = list(dict.fromkeys(tag for tag in tags if isinstance(tag, str) and tag and "," not in tag))
    return kept


def _attachments(cell: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the pictures of a cell with text, without which it can't be shown: by name, and by their kind."""
    attachments = cell.get("attachments")
    return {
        name: data
        for name, data in (attachments.items() if isinstance(attachments, dict) else ())
        if isinstance(data, dict) and all(isinstance(text, str) for text in data.values())
    }
