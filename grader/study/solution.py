"""The solution of an exercise, and a comparison with other correct ones, for a learner who has passed."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

from grader.course import Course
from grader.course.stub import without_marks
from grader.errors import CourseError, SolutionWithheld
from grader.study.state import State

EXCERPT = re.compile(r"^<!-- code: (?P<file>\w+\.py|stand-in) (?P<name>[\w.]+) -->$", re.MULTILINE)
"""The mark in a page about approaches that is replaced by code: a file of that exercise's styles, or its stand-in, and
the name of what to show."""


def answer(course: Course, state: State, exercise: str) -> str:
    """Return the solution of an exercise.

    Raises:
        SolutionWithheld: the course doesn't show it (or not yet), or this copy doesn't have it.
    """
    known = state.exercises.get(exercise)
    if course.shows_solutions == "never":
        raise SolutionWithheld(f"This course doesn't show solutions. Take a hint: grader hint {exercise}")
    if course.shows_solutions == "after_pass" and (known is None or known.passed is None):
        raise SolutionWithheld(
            f"You can see the solution of {exercise} once your own code passes. Run: grader check {exercise}. "
            f"Stuck? grader hint {exercise}"
        )
    path = course.solutions / f"{exercise}.py"
    if not path.is_file():
        raise SolutionWithheld(
            f"The solution of {exercise} isn't in this copy of the course. Read exercises/{exercise}.md, "
            f"or go back to yours: grader checkpoint restore {exercise}"
        )
    return without_marks(path.read_text(encoding="utf-8"))


def approaches(course: Course, exercise: str) -> str:
    """Return the page that compares other correct solutions, in Markdown with their code; empty if there is none.

    Raises:
        CourseError: it refers to code that doesn't exist.
    """
    path = course.approaches / f"{exercise}.md"
    if not path.is_file():
        return ""
    standin = course.standins / f"{exercise}.py"

    def code(mark: re.Match[str]) -> str:
        file = standin if mark["file"] == "stand-in" else course.styles / exercise / mark["file"]
        return f"```python\n{excerpt(file, mark['name'])}\n```"

    return EXCERPT.sub(code, path.read_text(encoding="utf-8"))


def excerpt(path: Path, name: str) -> str:
    """Return the source of a class, function, method or assignment of a file, such as `LayerNorm.forward`.

    Raises:
        CourseError: the file doesn't define it.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    node: ast.AST | None = ast.parse(text)
    for part in name.split("."):
        body = node.body if isinstance(node, (ast.Module, ast.ClassDef)) else []
        node = next((child for child in body if part in _names(child)), None)
    source = ast.get_source_segment(text, node, padded=True) if node is not None else None
    if source is None:
        raise CourseError(f"There is no `{name}` in {path}. Correct the marker in the page of approaches.")
    return textwrap.dedent(source)


def _names(statement: ast.stmt) -> list[str]:
    """List the names that a definition or an assignment gives."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
