"""A stub: the file that a learner starts from, generated from the solution."""

from __future__ import annotations

import ast
import json
import re

from grader.errors import CourseError

BEGIN = re.compile(r"^(?P<indent>\s*)### BEGIN SOLUTION:\s*(?P<start>.+?)\s*$")
END = re.compile(r"^\s*### END SOLUTION\s*$")


def make_stub(solution: str, name: str = "the solution") -> str:
    """Make a stub from a solution: each marked part becomes a `NotImplementedError` that says where to start.

    Raises:
        CourseError: a mark is missing or has no sentence, or the stub isn't valid Python.
    """
    lines: list[str] = []
    inside = False
    for number, line in enumerate(solution.splitlines(), start=1):
        begin = BEGIN.match(line)
        if begin and not inside:
            inside = True
            lines.append(f"{begin['indent']}raise NotImplementedError({_quoted(begin['start'])})")
        elif "BEGIN SOLUTION" in line:
            raise CourseError(
                f"{name}, line {number}: write `### BEGIN SOLUTION: <a sentence that says where to start>`."
            )
        elif END.match(line) and inside:
            inside = False
        elif "END SOLUTION" in line:
            raise CourseError(f"{name}, line {number}: END SOLUTION has no BEGIN SOLUTION. Add that mark above it.")
        elif not inside:
            lines.append(line)
    if inside:
        raise CourseError(f"{name}: the last BEGIN SOLUTION has no END SOLUTION. Add it.")
    stub = "\n".join(lines) + "\n"
    try:
        ast.parse(stub)
    except SyntaxError as error:
        raise CourseError(
            f"{name}: without the marked parts it is not valid Python ({error}). Move the marks."
        ) from None
    if "NotImplementedError" not in stub:
        raise CourseError(f"{name} has no part between BEGIN SOLUTION and END SOLUTION. Mark what the learner writes.")
    return stub


def without_marks(solution: str) -> str:
    """Return a solution for people to read, without the marks around its parts."""
    lines = [line for line in solution.splitlines() if not BEGIN.match(line) and not END.match(line)]
    return "\n".join(lines) + "\n"


def _quoted(sentence: str) -> str:
    return json.dumps(sentence, ensure_ascii=False)
