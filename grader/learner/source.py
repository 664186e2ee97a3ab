"""What the source of a learner's module shows before it runs: its statements, and lines with a special meaning."""

from __future__ import annotations
import __future__

import ast
import functools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from grader.learner.magics import without_magics
from grader.wire.free import Free
from grader.wire.slips import Slip

MADE_OF_A_NOTEBOOK = "# Made of a notebook."
"""The first line of a module that was made of a notebook; in it, each statement is inside a `try` of ours."""
LEFT_OUT = "__left_out__"
"""The name of the function that a module made of a notebook calls with the exception that ended a statement."""
CATCHES_A_FAILED_IMPORT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


@dataclass(frozen=True)
class Statement:
    """A top-level statement, compiled by itself.

    Attributes:
        node: the statement.
        code: runs it in the module's namespace.
    """

    node: ast.stmt
    code: CodeType

    @property
    def defines(self) -> bool:
        """Whether it is the definition of a function or class."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)

    @property
    def binds(self) -> frozenset[str]:
        """The names that it binds in the module, outside of functions and classes."""
        return frozenset(_bound([self.node]))


class Source:
    """The source of a module.

    Args:
        data: its bytes.
        path: the file's path, which tracebacks show.
        free: what is free in its functions.
        slips: the lines to repair.

    Attributes:
        tree: its syntax tree.
        is_made: whether it was made of a notebook.
        magics: the lines that were left out because only IPython understands them, by their number.
        doc: its docstring.
        statements: the other statements at its top level.

    Raises:
        SyntaxError: it isn't Python.
        ValueError: it contains a null byte.
    """

    def __init__(self, data: bytes, path: str, free: Free | None = None, slips: Sequence[Slip] = ()) -> None:
        self.magics: dict[int, str] = {}
        try:
            tree = _parsed(data, path)
        except SyntaxError:
            # Saved from a notebook, perhaps: lines that only IPython understands are left out.
            text = data.decode("utf-8", "replace").replace("\r\n", "\n")
            rest, dropped = without_magics(text)
            if not dropped:
                raise
            tree = _parsed(rest, path)
            lines = zip(text.split("\n"), rest.split("\n"), strict=False)
            self.magics = {number: line for number, (line, left) in enumerate(lines, 1) if line != left}
        if slips:
            # Imported here because it imports torch, too.
            from grader.learner.slips import repair

            repair(tree, slips)
        if free is not None:
            # Imported here because it imports torch, which code that only passes modules on doesn't need.
            from grader.learner.free_code import guard_free_code

            guard_free_code(tree, free)
            ast.fix_missing_locations(tree)
        self.is_made = data.startswith(MADE_OF_A_NOTEBOOK.encode())
        if self.is_made:
            _tell_of_failures(tree)
        self.tree = tree
        flags = 0
        if any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body):
            # The whole shows whether that import comes too late.
            flags = compile(tree, path, "exec", dont_inherit=True).co_flags & _FUTURES
        self.doc = ast.get_docstring(tree, clean=False)
        self.statements = tuple(
            Statement(node, compile(ast.Module([node], []), path, "exec", flags, dont_inherit=True))
            for node in tree.body
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        )

    @cached_property
    def guarded_lines(self) -> frozenset[int]:
        """The lines on which a failed import is handled by the code itself."""
        lines: set[int] = set()
        for node in ast.walk(self.tree):
            is_ours = self.is_made and node in self.tree.body
            if (isinstance(node, ast.Try) and not is_ours and _handles_imports(node)) or _suppresses(node):
                lines.update(_lines(node.body))  # type: ignore[attr-defined]
        return frozenset(lines)

    @cached_property
    def decorator_lines(self) -> frozenset[int]:
        """The lines of decorators."""
        decorators = [decorator for node in ast.walk(self.tree) for decorator in getattr(node, "decorator_list", ())]
        return frozenset(_lines(decorators))

    @cached_property
    def definitions(self) -> frozenset[str]:
        """The names that the module binds at its top level, except by imports."""
        return frozenset(_bound(self.tree.body, imports=False))


_FUTURES = functools.reduce(
    operator.or_, (getattr(__future__, feature).compiler_flag for feature in __future__.all_feature_names)
)


def _parsed(source: bytes | str, path: str) -> ast.Module:
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def _tell_of_failures(tree: ast.Module) -> None:
    """Let the handlers around the statements of a notebook call `LEFT_OUT` first."""
    for node in tree.body:
        if isinstance(node, ast.Try) and len(node.handlers) == 1:
            (handler,) = node.handlers
            handler.name = handler.name or "_error"
            call = ast.Expr(ast.Call(ast.Name(LEFT_OUT, ast.Load()), [ast.Name(handler.name, ast.Load())], []))
            handler.body.insert(0, ast.fix_missing_locations(ast.copy_location(call, handler.body[0])))


def _lines(nodes: Sequence[ast.stmt] | Sequence[ast.expr]) -> Iterator[int]:
    for node in nodes:
        yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _handles_imports(node: ast.Try) -> bool:
    return any(
        handler.type is None or not CATCHES_A_FAILED_IMPORT.isdisjoint(_last_names(handler.type))
        for handler in node.handlers
    )


def _suppresses(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(
        isinstance(item.context_expr, ast.Call)
        and "suppress" in _last_names(item.context_expr.func)
        and not CATCHES_A_FAILED_IMPORT.isdisjoint(name for arg in item.context_expr.args for name in _last_names(arg))
        for item in node.items
    )


def _last_names(node: ast.expr) -> set[str]:
    nodes = list(ast.walk(node))
    return {part.id for part in nodes if isinstance(part, ast.Name)} | {
        part.attr for part in nodes if isinstance(part, ast.Attribute)
    }


def _bound(nodes: Sequence[ast.stmt], imports: bool = True) -> Iterator[str]:
    """List the names that statements bind, and those inside them that don't begin a scope of their own."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            if imports:
                yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
            continue
        waiting: list[ast.AST] = [node]
        while waiting:
            part = waiting.pop()
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id
            for child in ast.iter_child_nodes(part):
                if isinstance(child, ast.stmt):
                    yield from _bound([child], imports)
                elif not isinstance(child, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                    waiting.append(child)
