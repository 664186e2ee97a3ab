"""Reads a file of checks without running it: names, titles, hints and positions.

A check is a function `test_…`, or a name `test_…` that a law is assigned to. The title and hint of a law come from the
law's own function in another file: `grader/checks/laws.py`, or a file of the course.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from grader.errors import CourseError

PACKAGE = "grader"
"""The grader's own package, which contains `grader.checks.laws` for every course."""


@dataclass(frozen=True)
class WrittenCheck:
    """One check, as a file defines it.

    Attributes:
        name: the name of the function, or the one that a law is assigned to.
        title: the first line of its docstring.
        hint: the rest of its docstring, in one line.
        line: the line where it begins, counted from 1.
        golden: whether it asks for golden records.
        source: its code; for a law, the assignment and the law's own code.
        law: the name of its law; empty if it is a function.
    """

    name: str
    title: str
    hint: str
    line: int
    golden: bool
    source: str
    law: str = ""


def read_checks(path: Path, root: Path) -> list[WrittenCheck]:
    """List the checks in a file, in order, without running it; an empty list if there is no such file.

    Args:
        path: the file.
        root: the course's folder, from which the course's own modules are imported.

    Raises:
        CourseError: the file isn't valid Python, or a check in it has no title or isn't understood; the message names
            file and line.
    """
    return list(_File(path).checks(root)) if path.is_file() else []


class _File:
    """A Python file, parsed."""

    def __init__(self, path: Path | Traversable) -> None:
        self.path = path
        self._law_files: dict[str, _File] = {}
        try:
            self.text = path.read_text(encoding="utf-8")
            self._body = ast.parse(self.text).body
        except (SyntaxError, UnicodeDecodeError, ValueError) as error:
            raise CourseError(f"{path} is not valid Python: {error}. Fix the file.") from None

    def checks(self, root: Path) -> Iterator[WrittenCheck]:
        for node in self._body:
            match node:
                case ast.FunctionDef(name=name) if name.startswith("test_"):
                    yield self._check(name, node, node.lineno, *self._sentences(node), self._source(node))
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.startswith("test_"):
                    yield self._from_law(name, node, value, root)

    def _check(
        self, name: str, function: ast.FunctionDef, line: int, title: str, hint: str, source: str
    ) -> WrittenCheck:
        if not title:
            raise CourseError(f"{self.path}, line {line}: `{name}` needs a docstring. Its first line is the title.")
        arguments = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
        return WrittenCheck(name, title, " ".join(hint.split()), line, "golden" in arguments, source)

    def _from_law(self, name: str, node: ast.Assign, value: ast.expr, root: Path) -> WrittenCheck:
        here = f"{self.path}, line {node.lineno}"
        called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
        module, _, law_name = self._full_name(called).rpartition(".")
        if not module:
            raise CourseError(
                f"{here}: `{name}` is neither a function nor a law. Write `{name} = laws.NAME_OF_A_LAW(...)`, "
                "with `laws` imported in this file."
            )
        assert isinstance(value, ast.Call)
        path = _module_file(module, root)
        if not path.is_file():
            raise CourseError(f"{here}: `{name}` is a law from `{module}`, but there is no file {path}.")
        if module not in self._law_files:
            self._law_files[module] = _File(path)
        file = self._law_files[module]
        law = file._laws().get(law_name)
        if law is None:
            raise CourseError(
                f"{here}: `{name}` uses `{law_name}`, which is not a law in {path}. "
                f"The laws there are: {', '.join(file._laws()) or 'none'}."
            )
        title, hint = file._sentences(law)
        overrides = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg in ("title", "hint")}
        for key, text in overrides.items():
            if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
                raise CourseError(
                    f"{here}: the {key} of `{name}` must be a plain string, because this file is read, not run."
                )
            title, hint = (text.value, hint) if key == "title" else (title, text.value)
        source = f"{self._source(node)}\n\n{file._source(law)}"
        return dataclasses.replace(self._check(name, law, node.lineno, title.strip(), hint, source), law=law_name)

    def _laws(self) -> dict[str, ast.FunctionDef]:
        """Return the functions that are laws, by name."""
        return {
            node.name: node
            for node in self._body
            if isinstance(node, ast.FunctionDef)
            and any(
                isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] == "law"
                for decorator in node.decorator_list
            )
        }

    def _full_name(self, called: str) -> str:
        """Complete a dotted name with the import that its first part comes from; empty if there is no such import."""
        first, _, rest = called.partition(".")
        imported: dict[str, str] = {}
        for node in self._body:
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                imported |= {alias.asname: alias.name for alias in node.names if alias.asname}
        return ".".join(part for part in (imported[first], rest) if part) if first in imported else ""

    def _sentences(self, function: ast.FunctionDef) -> tuple[str, str]:
        title, _, hint = inspect.cleandoc(ast.get_docstring(function) or "").partition("\n")
        return title.strip(), hint

    def _source(self, node: ast.FunctionDef | ast.Assign) -> str:
        """Return the lines of a function, including its decorators, or of an assignment."""
        decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        return "\n".join(self.text.splitlines()[start - 1 : node.end_lineno])


def _module_file(module: str, root: Path) -> Traversable:
    """Return a module's file: in the grader, which may be a zip file next to a notebook, or in the course."""
    package, *rest = module.split(".")
    folder: Traversable = resources.files(PACKAGE) if package == PACKAGE else root / package
    for name in rest[:-1]:
        folder = folder / name
    return folder / f"{rest[-1]}.py" if rest else root / f"{package}.py"
