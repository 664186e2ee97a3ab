"""Running what stands at the top level of a learner's module.

In a notebook, a cell that fails doesn't undo the others. So it is here: a statement that fails is left out with a
remark, and what comes before and after it counts. A function or class must be definable, though.
"""

from __future__ import annotations

import ast
import functools
import linecache
import traceback
from collections.abc import Callable
from typing import Any

from grader.learner.obstacles import obstacle
from grader.learner.placeholders import Placeholder
from grader.learner.source import Source, Statement
from grader.wire.remarks import Remark, reason


def run(source: Source, name: str, namespace: dict[str, Any], remark: Callable[[Remark], None]) -> None:
    """Run a module's statements.

    Args:
        source: the module's source.
        name: the module's name.
        namespace: the module's namespace.
        remark: takes a remark about each statement that was left out.

    Raises:
        BaseException: whatever the definition of a function or class raises, or a statement that raises on purpose.
    """
    for line, text in source.magics.items():
        remark(Remark("magic", name, line, "", text.strip()))
    for statement in source.statements:
        try:
            exec(statement.code, namespace)
        except (Exception, SystemExit) as error:
            if statement.defines or isinstance(statement.node, ast.Raise):
                raise
            if isinstance(error, NoValue):
                # It follows from an earlier remark.
                why = error.why
            else:
                line = statement.node.lineno
                left_out = _left_out(error, name, line, _first_line(statement))
                remark(left_out)
                why = f"line {line} of {name}.py was left out, because {reason(left_out.kind, left_out.name, name)}"
            for bound in statement.binds - namespace.keys():
                namespace[bound] = Placeholder(bound, functools.partial(NoValue, why))


class NoValue(NameError):
    """A name has no value because a statement was left out; `why` says which and why."""

    def __init__(self, why: str, used: str) -> None:
        super().__init__(f"`{used}` is used here, but {why}", name=used)
        self.why = why


def noting(path: str, name: str, remark: Callable[[Remark], None]) -> Callable[[Exception], None]:
    """Return what a module made of a notebook calls with the exception that ended a statement.

    Args:
        path: the module's file.
        name: its name.
        remark: takes a remark about the statement, unless one was made about its cause.
    """

    def note(error: Exception) -> None:
        if isinstance(error, NoValue):
            return
        lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == path]
        line = lines[0] if lines else 0
        remark(_left_out(error, name, line, linecache.getline(path, line).strip()))

    return note


def _left_out(error: BaseException, name: str, line: int, source: str) -> Remark:
    kind, missing = obstacle(error)
    return Remark(kind, name, line, missing, source)


def _first_line(statement: Statement) -> str:
    text = ast.unparse(statement.node)
    return text.partition("\n")[0]
