"""Turn the modules of a class into notebooks, as its students would have handed them in to nbgrader.

    python -m benchmarks.notebook_class CLASS_FOLDER NBGRADER_COURSE

Writes each student's modules into copies of the released notebooks and puts those into `submitted/`, assignment by
assignment. Generate the release first.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grader.course import Course, load_course

ROOT = Path(__file__).resolve().parents[1]


def solved(release: NotebookNode, exercise: str, module: str) -> NotebookNode:
    """Write a module into a released notebook: each definition into its own answer cell, the rest before them."""
    notebook = copy.deepcopy(release)
    answers = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    try:
        pieces = _pieces(module)
    except (SyntaxError, ValueError):
        # Text that isn't Python can't be split up, so it goes into one cell.
        answers[0].source = module
        return notebook
    names = {cell.metadata.nbgrader.grade_id.removeprefix(f"{exercise}-"): cell for cell in answers}
    for name, cell in names.items():
        cell.source = "\n\n\n".join(text for bound, text in pieces if bound == name) or "# nothing"
    first = notebook.cells.index(answers[0])
    rest = [text for bound, text in pieces if bound not in names]
    notebook.cells.insert(first, nbformat.v4.new_code_cell("\n".join(rest)))
    return notebook


def hand_in(course: Course, folder: Path, root: Path, student: str, assignments: Sequence[str] = ()) -> None:
    """Put a student's modules into the `submitted` folder of an nbgrader course, as notebooks.

    Args:
        course: the course.
        folder: the folder with the student's modules.
        root: the nbgrader course.
        student: the student's id.
        assignments: the ids of those to hand in; all by default.
    """
    for assignment in course.assignments:
        if assignments and assignment.id not in assignments:
            continue
        target = root / "submitted" / student / assignment.id
        target.mkdir(parents=True, exist_ok=True)
        for exercise in assignment.exercises:
            path = folder / f"{exercise}.py"
            release = nbformat.read(root / "release" / assignment.id / f"{exercise}.ipynb", as_version=4)
            if path.is_file():
                notebook = solved(release, exercise, path.read_text(encoding="utf-8"))
                nbformat.write(notebook, target / f"{exercise}.ipynb")


def _pieces(module: str) -> list[tuple[str, str]]:
    """Return the statements of a module: the name that each defines, if any, and its text."""
    lines = module.splitlines()
    pieces = []
    for node in ast.parse(module).body:
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        pieces.append((getattr(node, "name", ""), "\n".join(lines[first - 1 : node.end_lineno])))
    return pieces


def main() -> None:
    """Hand in a class."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m benchmarks.notebook_class CLASS_FOLDER NBGRADER_COURSE")
    course = load_course(ROOT / "course.yaml")
    students = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    for student in students:
        hand_in(course, student, Path(sys.argv[2]), student.name)
    print(f"Handed in: {len(students)} students")


if __name__ == "__main__":
    main()
