"""How much of an exercise is written: the functions of its stub, and those that a learner's file still leaves open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from grader.course import Course
from grader.study.stubs import stub_of


@dataclass(frozen=True)
class Written:
    """The functions of a stub: how many there are, how many a file has, and the first that it lacks with its line."""

    total: int
    written: int
    following: str
    line: int

    def __str__(self) -> str:
        return f"{self.written} of {self.total} functions written, `{self.following}` is next"


def written(course: Course, exercise: str, content: bytes) -> Written | None:
    """Compare a file with its stub.

    Returns:
        None if nothing or everything is written, if the stub isn't known, or if the file isn't Python.
    """
    stub = stub_of(course, exercise)
    try:
        asked = dict(_open(stub or b""))
        still_open = [(name, line) for name, line in _open(content) if name in asked]
    except (SyntaxError, ValueError):
        return None
    if not 0 < len(still_open) < len(asked):
        return None
    return Written(len(asked), len(asked) - len(still_open), *still_open[0])


def _open(source: bytes) -> Iterator[tuple[str, int]]:
    """List the functions and methods that end in `raise NotImplementedError`, in their order, each with its line."""

    def search(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, int]]:
        for statement in body:
            match statement:
                case ast.ClassDef(name=name, body=inner):
                    yield from search(inner, f"{prefix}{name}.")
                case ast.FunctionDef(name=name, body=[*_, ast.Raise(exc=raised)]) if _is_open(raised):
                    yield f"{prefix}{name}", statement.lineno

    yield from search(ast.parse(source).body, "")


def _is_open(raised: ast.expr | None) -> bool:
    name = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(name, ast.Name) and name.id == "NotImplementedError"
