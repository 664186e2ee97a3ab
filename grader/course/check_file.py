"""What a file of checks says of them, read without running it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from grader.errors import CourseError


def read_checks(path: Path) -> list[tuple[str, str, str, int, bool]]:
    """List name, title, hint, line and use of golden values of the test functions in a file, without running it."""
    if not path.is_file():
        return []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        raise CourseError(f"{path} is not Python: {error}. Correct it.") from None
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            docstring = inspect.cleandoc(ast.get_docstring(node) or "")
            title, _, hint = docstring.partition("\n")
            if not title:
                raise CourseError(
                    f"{path}, line {node.lineno}: `{node.name}` needs a docstring; its first line is the title."
                )
            golden = any(argument.arg == "golden" for argument in node.args.args)
            found.append((node.name, title.strip(), " ".join(hint.split()), node.lineno, golden))
    return found
