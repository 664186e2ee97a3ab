"""Splits the cells of a notebook into statements, and says what each binds and reads. Nothing is executed."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.grading.changes import executed
from grader.learner.magics import is_python, module_written, without_magics
from grader.learner.newer_syntax import newer_syntax

MAX_NOTED = 120
MAKE_MODULE = "_module"
"""The function of a module made from a notebook that makes a module which a cell writes to a file."""
MAX_CELL = 2**18
"""The most characters of a cell; a longer one isn't an answer, and would take long to parse."""


@dataclass(frozen=True)
class Cell:
    """A cell with code that may be the learner's.

    Attributes:
        label: how a note names it, such as `cell 7`.
        text: its source.
        is_locked: whether it was given out as a test or as a locked cell, so that nothing should be typed into it.
    """

    label: str
    text: str
    is_locked: bool = False


@dataclass(frozen=True)
class Piece:
    """A top-level statement, or several that share a line.

    Attributes:
        label: the cell's label.
        line: its first line in the cell.
        text: its lines.
        nodes: the statements.
        bound: the names that it binds.
        read: the module's names that it refers to, when it runs or when it is called.
        read_inside: those that its functions and classes refer to.
        imported: the names that it binds by an import.
        is_locked: whether it is in a locked cell.
    """

    label: str
    line: int
    text: str
    nodes: tuple[ast.stmt, ...]
    bound: frozenset[str]
    read: frozenset[str]
    read_inside: frozenset[str]
    imported: frozenset[str]
    is_locked: bool = False

    @property
    def is_future(self) -> bool:
        node = self.nodes[0]
        return isinstance(node, ast.ImportFrom) and node.module == "__future__"

    @property
    def is_main_guard(self) -> bool:
        node = self.nodes[0]
        return isinstance(node, ast.If) and "__name__" in {getattr(part, "id", "") for part in ast.walk(node.test)}

    @property
    def imports_everything(self) -> bool:
        return any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in self.nodes)

    @property
    def imports(self) -> bool:
        return all(isinstance(node, ast.Import | ast.ImportFrom) for node in self.nodes)

    def imports_from(self, module: str) -> bool:
        """Say whether the piece imports names from a module, which may be in a package."""
        names = [node.module or "" for node in self.nodes if isinstance(node, ast.ImportFrom)]
        return bool(module) and any(name.rpartition(".")[2] == module for name in names)

    @property
    def modules(self) -> frozenset[str]:
        """Return the names of the modules that the piece imports, without those inside a package."""
        names = [alias.name for node in self.nodes if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in self.nodes if isinstance(node, ast.ImportFrom)]
        return frozenset(name.partition(".")[0] for name in names)

    def without_imports_of(self, names: frozenset[str]) -> Piece:
        """Return the piece without the imports that bind some names."""
        tree = ast.fix_missing_locations(_WithoutImports(names).visit(ast.parse(self.text)))
        left = frozenset(self.bound - (self.imported & names))
        return replace(self, text=ast.unparse(tree), nodes=tuple(tree.body), bound=left, imported=self.imported - names)


class _WithoutImports(ast.NodeTransformer):
    """Removes the imports that bind some names.

    Args:
        names: the names.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        return self._without(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        return self._without(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return node

    def _without(self, node: ast.Import | ast.ImportFrom) -> ast.stmt:
        node.names = [alias for alias in node.names if (alias.asname or alias.name) not in self._names]
        return node if node.names else ast.Pass()


def pieces_of(cell: Cell, notes: list[str], exercise: str = "") -> Iterator[Piece]:
    """Split a cell into its statements; code that isn't valid Python is skipped with a note.

    If a cell writes the exercise's module to a file, its text is code of the notebook like any other. If it writes
    another one, a statement makes that module.
    """
    if len(cell.text) > MAX_CELL:
        notes.append(f"{cell.label.capitalize()} was skipped: it is longer than {MAX_CELL} characters.")
        return
    text = cell.text.replace("\r\n", "\n").replace("\r", "\n")
    module, written = module_written(text)
    dropped: list[str] = []
    if module and module == exercise:
        text = written
    elif module.isidentifier() and is_python(written):
        text = f"{module} = {MAKE_MODULE}({module!r}, {written!r})"
    else:
        text, dropped = without_magics(text)
    if dropped:
        notes.append(f"Skipped in {cell.label}, because it isn't Python: {', '.join(map(short, dropped))}.")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problem = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else "too deeply nested"
        newer = newer_syntax(text)
        if newer is not None:
            notes.append(f"{cell.label.capitalize()} was skipped: its {newer.sentence()}.")
            return
        notes.append(f"{cell.label.capitalize()} was skipped: it isn't valid Python ({short(problem)}).")
        return
    lines = text.split("\n")
    groups: list[list[ast.stmt]] = []
    for node in tree.body:
        if groups and _first_line(node) <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(node)
        else:
            groups.append([node])
    for group in groups:
        text_of_group = "\n".join(lines[_first_line(group[0]) - 1 : group[-1].end_lineno])
        try:
            compile(text_of_group, cell.label, "exec", dont_inherit=True)
            table = symtable.symtable(text_of_group, cell.label, "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problem = error.msg if isinstance(error, SyntaxError) else str(error)
            notes.append(f"Line {_first_line(group[0])} of {cell.label} was skipped: {short(problem)}.")
            continue
        yield Piece(
            cell.label,
            _first_line(group[0]),
            text_of_group,
            tuple(group),
            _bound(table, group),
            frozenset(_read(table)),
            frozenset(name for child in table.get_children() for name in _read(child)),
            frozenset(symbol.get_name() for symbol in table.get_symbols() if symbol.is_imported()),
            cell.is_locked,
        )


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _bound(table: symtable.SymbolTable, nodes: list[ast.stmt]) -> frozenset[str]:
    """List the names that statements bind; `del` frees memory at the end of an experiment, and binds nothing."""
    if all(isinstance(node, ast.Delete) for node in nodes):
        return frozenset()
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    # A walrus in a comprehension binds a name outside it.
    return frozenset(names | {node.target.id for node in executed(nodes) if isinstance(node, ast.NamedExpr)})


def _read(table: symtable.SymbolTable) -> Iterator[str]:
    """List the module's names that code refers to, in functions and classes too."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _read(child)


def short(text: str) -> str:
    line = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "?" for char in line)
    return shown if len(shown) <= MAX_NOTED else f"{shown[: MAX_NOTED - 1]}…"
