"""`grader nbgrader init`: make an nbgrader course from a course, and make it again when the course changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from grader.course import Assignment, Course
from grader.errors import CourseError
from grader.files import short_digest
from grader.grading import BUNDLE
from grader.notebooks.autograde import load_config
from grader.notebooks.bundle import write_bundle
from grader.notebooks.make import make_notebook, write_notebook
from grader.notebooks.settings import CONFIG

TEXT = '''\
"""nbgrader's settings for this course. Your own go below the call: see https://nbgrader.readthedocs.io."""

from pathlib import Path

from grader.notebooks.settings import configure

c = get_config()  # noqa: F821
configure(c, course_file={course_file!r}, course_id={course_id!r}, root=Path(__file__).parent)
'''
MARK = "grader.notebooks.settings"
MADE = "made"


def init_course(course: Course, root: Path, force: bool = False) -> Iterator[str]:
    """Write configuration, gradebook and source notebooks of an nbgrader course; yield a sentence for each thing done.

    Files that the instructor has changed are kept, with a sentence that says so.

    Args:
        course: the course, or the part of it that has notebooks.
        root: the folder of the nbgrader course; it is created if it doesn't exist.
        force: also overwrite notebooks that the instructor has changed.

    Raises:
        CourseError: this copy has no solutions to make notebooks from, or the folder belongs to another course.
    """
    if not course.has_solutions:
        raise CourseError(f"There are no solutions in {course.root}. Run this command in the full course.")
    root.mkdir(parents=True, exist_ok=True)
    yield _write_config(course, root)
    with Gradebook(f"sqlite:///{root.resolve() / 'gradebook.db'}", course.id) as gradebook:
        for assignment in course.assignments:
            due = assignment.due and assignment.due.astimezone(UTC).replace(tzinfo=None)
            gradebook.update_or_create_assignment(assignment.id, duedate=due, course_id=course.id)
    for assignment in course.assignments:
        yield from _write_assignment(course, assignment, root / "source" / assignment.id, force)


def _write_config(course: Course, root: Path) -> str:
    path = root / CONFIG
    if path.exists():
        if MARK not in path.read_text(encoding="utf-8"):
            raise CourseError(f"{path} was not written for this course. Add to it:\n\n{_config(course)}")
        configured = Path(load_config(root).CoursePreprocessor.course_file)
        if configured.resolve() != course.file:
            raise CourseError(
                f"{path} is for the course {configured}, not {course.file}. Change `course_file` in it, or name "
                "another folder."
            )
        return f"kept     {path}"
    path.write_text(_config(course), encoding="utf-8")
    return f"written  {path}"


def _config(course: Course) -> str:
    return TEXT.format(course_file=str(course.file), course_id=course.id)


def _write_assignment(course: Course, assignment: Assignment, folder: Path, force: bool) -> Iterator[str]:
    write_bundle(course.whole, folder / BUNDLE)
    for name in assignment.exercises:
        path = folder / f"{name}.ipynb"
        notebook = make_notebook(course, course.by_id[name], BUNDLE)
        notebook.metadata.grader[MADE] = _digest(notebook)
        if path.exists() and not force and _changed_by_hand(path):
            yield f"kept     {path}, which you changed; to overwrite it: --force"
        else:
            write_notebook(notebook, path)
            yield f"written  {path}"


def _changed_by_hand(path: Path) -> bool:
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, OSError):
        return True
    made = notebook.metadata.get("grader", {}).pop(MADE, "")
    return bool(made != _digest(notebook))


def _digest(notebook: NotebookNode) -> str:
    """Return a digest of the parts that an instructor edits: sources, and nbgrader's marks."""
    parts = [
        f"{cell.cell_type}\0{cell.source}\0{sorted(cell.metadata.get('nbgrader', {}).items())}"
        for cell in notebook.cells
    ]
    return short_digest("\0".join(parts))
