"""Make an exercise's nbgrader notebook from its lesson, its solution and its checks.

The ids of cells depend on their content, not on their position, so that a notebook can be made again in mid-term. The
id of a hidden check's cell doesn't reveal which check it is.
"""

from __future__ import annotations

import ast
import base64
import mimetypes
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course import Check, Course, Exercise
from grader.files import short_digest
from grader.practice.pages import with_questions
from grader.practice.question import load_questions

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
SETUP_NAME = "setup"
TO_WRITE = "raise NotImplementedError("
HIDDEN_LINE = "# A hidden check. It runs when your work is graded."
WRITING, KNOWING = "## The code to write", "## How to tell when you're done"
WIDTH = 100

SETUP = """\
# Run this cell first, and again after you have restarted the kernel.
import sys

sys.path.insert(0, "{bundle}")
from grader.workbook import open_workbook

workbook = open_workbook("{exercise}", globals())"""

# A lesson talks about files; the text for notebooks is in a comment after it.
FOR_FILES = re.compile(r"<!-- file -->.*?<!-- notebook: (.*?) -->", re.DOTALL)

YOUR_CODE = """\
## Your code

Replace each `raise NotImplementedError(…)` with your code, and run the cell. You may add cells for helper functions and
experiments; code that your answer doesn't need runs here, but not at grading."""

HIDDEN = "Each cell below is for one hidden check. There is nothing for you to run in them."

CHECKS = """\
## The checks

You can run {visible} here, each in its own cell. {hidden}"""


def grade_id(check: Check) -> str:
    """Return the name of a check's cell in nbgrader's gradebook."""
    if check.visibility == "visible":
        return f"{check.exercise}-{check.id}"
    return f"{check.exercise}-hidden-{hidden_key(check)}"


def hidden_key(check: Check) -> str:
    """Return a name for a hidden check that doesn't reveal what it checks."""
    return short_digest(f"{check.exercise}/{check.id}")


def make_notebook(course: Course, exercise: Exercise, bundle: str) -> NotebookNode:
    """Make the instructor's notebook of an exercise, from which nbgrader makes the students' version.

    Args:
        course: the course.
        exercise: the exercise.
        bundle: the name of the file, in the notebook's folder, with everything that its checks need.
    """
    solution = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
    hidden = [_check_cell(check) for check in exercise.checks if check.visibility == "hidden"]
    about_hidden = [_markdown(course, exercise, HIDDEN)] if exercise.hidden_checks else []
    return _notebook(course, exercise, bundle, solution, [*about_hidden, *hidden])


def make_learners_notebook(course: Course, exercise: Exercise, bundle: str, stub: str) -> NotebookNode:
    """Make the notebook of an exercise for somebody who learns alone: with its stub, and without hidden checks.

    Args:
        course: the course.
        exercise: the exercise.
        bundle: the name of the file, in the notebook's folder, with everything that its checks need.
        stub: the text of the stub.
    """
    return _notebook(course, exercise, bundle, stub, [])


def _notebook(
    course: Course, exercise: Exercise, bundle: str, code: str, after_checks: list[NotebookNode]
) -> NotebookNode:
    """Make a notebook from a lesson, code and the visible checks, with more cells after these."""
    text = with_questions(
        (course.stubs / f"{exercise.id}.md").read_text(encoding="utf-8"), load_questions(course, exercise.id)
    )
    lesson = _for_a_notebook(text, exercise.id)
    before, known, after = _cut(lesson)
    title, *rest = before
    cells = [
        _markdown(course, exercise, title),
        _locked(exercise, SETUP_NAME, SETUP.format(bundle=bundle, exercise=exercise.id)),
        *(_markdown(course, exercise, text) for text in rest),
        _markdown(course, exercise, YOUR_CODE),
        *_code_cells(exercise, code),
        *(_markdown(course, exercise, text) for text in known),
        _markdown(course, exercise, _about_checks(exercise)),
        new_code_cell("# Run all of them at once.\nworkbook.check()"),
        *(_check_cell(check) for check in exercise.checks if check.visibility == "visible"),
        *after_checks,
        *(_markdown(course, exercise, text) for text in after),
    ]
    for number, cell in enumerate(cells):
        known_by = cell.metadata.get("nbgrader", {}).get("grade_id", f"{exercise.id}-{number}")
        cell.id = re.sub(r"[^A-Za-z0-9_-]", "-", known_by)[-64:]
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python"}
    notebook.metadata.grader = {"course": course.id, "exercise": exercise.id}
    nbformat.validate(notebook)
    return notebook


def _for_a_notebook(lesson: str, exercise: str) -> str:
    """Make a lesson talk about cells instead of files and commands."""
    text = FOR_FILES.sub(r"\1", lesson)
    text = text.replace(f"**You write:** `exercises/{exercise}.py`", "**You write:** the cells under *Your code*")
    text = re.sub(rf"```text\npytest -k {exercise}\n```", "Run the cells under *The checks*.", text)
    return re.sub(rf"^ *from exercises\.{exercise} import .*\n", "", text, flags=re.MULTILINE)


def _cut(lesson: str) -> tuple[list[str], list[str], list[str]]:
    """Split a lesson at its headings: up to the code to write, how to tell when you're done, and the rest."""
    sections = [text.strip() for text in re.split(r"^(?=## )", lesson, flags=re.MULTILINE)]
    known = [text for text in sections if text.startswith(KNOWING)]
    last = max((n for n, text in enumerate(sections) if text.startswith(WRITING)), default=len(sections) - 1)
    before = [text for text in sections[: last + 1] if text not in known]
    return before, known, [text for text in sections[last + 1 :] if text not in known]


def _markdown(course: Course, exercise: Exercise, text: str) -> NotebookNode:
    """Make a Markdown cell, with the lesson's pictures as attachments."""
    attachments: dict[str, dict[str, str]] = {}

    def attach(image: re.Match[str]) -> str:
        path = course.stubs / image[2]
        if not path.is_file():
            return image[0]
        # JupyterLab doesn't show attached SVGs.
        twin = path.with_suffix(".png")
        path = twin if path.suffix == ".svg" and twin.is_file() else path
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        attachments[path.name] = {kind: base64.b64encode(path.read_bytes()).decode()}
        return f"![{image[1]}](attachment:{path.name})"

    cell = new_markdown_cell(re.sub(r"!\[([^\]]*)\]\(([^)\s:]+)\)", attach, text))
    if attachments:
        cell.attachments = attachments
    return cell


def _code_cells(exercise: Exercise, code: str) -> Iterator[NotebookNode]:
    """Make a cell for each definition that a learner writes, and cells for the given code between them."""
    lines = code.splitlines()
    body = ast.parse(code).body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    given: list[str] = []
    start = (body[0].lineno if body else 1) - 1
    for node in body:
        end = node.end_lineno or start
        # A marker after the last statement is a comment, which isn't part of any node.
        while end < len(lines) and lines[end].startswith((" ", "#")) and END_SOLUTION in lines[end]:
            end += 1
        source = "\n".join(lines[start:end]).strip("\n")
        start = end
        if BEGIN_SOLUTION in source or TO_WRITE in source:
            if given:
                yield new_code_cell("\n".join(given).strip("\n"))
                given = []
            name = getattr(node, "name", "code")
            yield _marked(new_code_cell(source), f"{exercise.id}-{name}", solution=True)
        else:
            given.append(source)
    if given:
        yield new_code_cell("\n".join(given).strip("\n"))


def _check_cell(check: Check) -> NotebookNode:
    if check.visibility == "visible":
        title = textwrap.wrap(check.title, WIDTH, initial_indent="# ", subsequent_indent="# ")
        source = "\n".join([*title, f'workbook.check("{check.id}")'])
    else:
        source = "\n".join([HIDDEN_LINE, BEGIN_HIDDEN, f'workbook.hidden("{hidden_key(check)}")', END_HIDDEN])
    cell = _marked(new_code_cell(source), grade_id(check), points=check.points)
    # With this tag, Jupyter's "Run All" continues after a failing check.
    cell.metadata.tags = ["raises-exception"]
    return cell


def _locked(exercise: Exercise, name: str, source: str) -> NotebookNode:
    return _marked(new_code_cell(source), f"{exercise.id}-{name}")


def _marked(cell: NotebookNode, name: str, *, solution: bool = False, points: float | None = None) -> NotebookNode:
    """Give a cell nbgrader's metadata, as an answer, as a check with points, or as a cell that is only locked."""
    marks = {
        "schema_version": 3,
        "grade_id": name,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "cell_type": "code",
    }
    cell.metadata.nbgrader = marks | ({} if points is None else {"points": points})
    if not solution:
        cell.metadata |= {"editable": False, "deletable": False}
    return cell


def _about_checks(exercise: Exercise) -> str:
    visible = sum(check.visibility == "visible" for check in exercise.checks)
    hidden = exercise.hidden_checks
    about = f"{hidden} more are hidden and run when your work is graded." if hidden else "There are no others."
    return CHECKS.format(visible=_counted(visible), hidden=about)


def _counted(count: int) -> str:
    return f"{count} check{'' if count == 1 else 's'}"


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
