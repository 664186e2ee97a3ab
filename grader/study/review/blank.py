"""A blank for a function to rewrite from memory: the learner's own module, with that one function left open."""

from __future__ import annotations

import ast
from pathlib import Path

from grader.course import Course
from grader.errors import NoCheckpoint, UsageError
from grader.study.folder import progress_folder, write_progress
from grader.study.state import State
from grader.study.work import checkpoint

FOLDER = "review"
OPEN = 'raise NotImplementedError("Write this from memory.")'


def functions(code: str) -> list[str]:
    """List the functions and methods of a module that do something, as `Class.method`, in their order."""
    return [name for name, node in _definitions(ast.parse(code)) if _statements(node)]


def write_blank(course: Course, state: State, exercise: str, times: int) -> tuple[Path, str]:
    """Write the module that passed, with one function left open; the next one each time.

    Args:
        course: the course.
        state: the learner's progress.
        exercise: the exercise's id.
        times: how often a function of this exercise was rewritten before.

    Returns:
        The file, and the function's name.

    Raises:
        NoCheckpoint: no code has passed.
        UsageError: the code that passed has no function.
        StateError: the file can't be written.
    """
    code = checkpoint(course, state, exercise)[1].decode("utf-8")
    names = functions(code)
    if not names:
        raise UsageError(f"The code of {exercise} that passed has no function to rewrite.")
    name = names[times % len(names)]
    path = progress_folder(course) / FOLDER / f"{exercise}.py"
    write_progress(course, path, opened(code, name).encode())
    return path, name


def opened(code: str, function: str) -> str:
    """Leave a function open: its signature and docstring stay, and its statements make way for an exception.

    Raises:
        NoCheckpoint: the code has no such function.
    """
    for name, node in _definitions(ast.parse(code)):
        if name == function:
            statements = _statements(node)
            lines = code.splitlines()
            first = statements[0].lineno - 1
            indent = " " * statements[0].col_offset
            return "\n".join([*lines[:first], indent + OPEN, *lines[node.end_lineno or first + 1 :]]) + "\n"
    raise NoCheckpoint(f"The code that passed has no function `{function}`.")


def _definitions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            found.append((statement.name, statement))
        elif isinstance(statement, ast.ClassDef):
            found += [
                (f"{statement.name}.{inner.name}", inner)
                for inner in statement.body
                if isinstance(inner, ast.FunctionDef)
            ]
    return found


def _statements(node: ast.FunctionDef) -> list[ast.stmt]:
    """Return a function's statements after its docstring; none if it is on one line with its `def`."""
    has_docstring = ast.get_docstring(node, clean=False) is not None
    statements = node.body[1:] if has_docstring else node.body
    return [statement for statement in statements[:1] if statement.lineno > node.lineno] and statements
