"""Turns a notebook into a module that contains only the learner's answer.

A notebook contains more than the answer: a lesson, checks, experiments, plots, a training run that takes an hour. The
grader keeps only the names that the exercise asks for, wherever in the notebook they are defined, and the code that
these refer to. Cells may be deleted, moved, copied or turned into Markdown; if a name is defined twice, the later
definition counts, as it does in a kernel. Nothing is executed here.
"""

from __future__ import annotations

import ast
import json
import re
import symtable
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from grader.failures.rows import Position, Row

STUB_MARK = "NotImplementedError"
MAX_NOTED = 120
MAX_CELL = 2**18
"""The most characters of a cell; a longer one isn't an answer, and would take long to parse."""

# Cell magics whose cell contains Python.
BODY_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%python", "%%python3")
MAGIC = re.compile(r"^(\s*)([%!?].*|[\w.]+\?{1,2}|[\w, ]+=\s*[%!].*)$")

MARK = re.compile(r"# (.+), line (\d+)$")

FIRST_LINE = "# Made of a notebook."
HEADER = '''\
def _failed(error):
    """Return what raises again, when it is used, what its definition raised."""

    def raise_again(*args, **kwargs):
        raise error

    return raise_again
'''


class NotANotebook(Exception):
    """The bytes are not a notebook; the text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Cell:
    """A cell with code that may be the learner's.

    Attributes:
        label: how a note names it, such as `cell 7`.
        text: its source.
    """

    label: str
    text: str


@dataclass(frozen=True)
class Notebook:
    """A notebook as it was handed in.

    Attributes:
        cells: those with code that may be the learner's.
        exercise: the exercise that its metadata names; empty if there is none.
        is_made: whether it was generated for the instructor, to show what was handed in as another file.
    """

    cells: tuple[Cell, ...]
    exercise: str
    is_made: bool = False


@dataclass(frozen=True)
class Module:
    """The module that was made from a notebook.

    Attributes:
        text: its source.
        notes: a sentence about each thing that was left out.
        is_stub: whether nothing that the exercise asks for is written yet.
    """

    text: str
    notes: tuple[str, ...]
    is_stub: bool


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook of format 3 or 4, even if parts of it are damaged.

    Raises:
        NotANotebook: it isn't one.
    """
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        raise NotANotebook("not a notebook (not JSON)") from None
    all_cells = _cells_of(tree)
    if all_cells is None:
        raise NotANotebook("not a notebook (no cells)")
    cells = [
        Cell(f"cell {number}", _text_of(cell)) for number, cell in enumerate(all_cells, 1) if _may_be_the_learners(cell)
    ]
    exercise = _inner(tree, "metadata", "grader", "exercise")
    made_from = _inner(tree, "metadata", "grader", "made_from")
    return Notebook(tuple(cells), exercise if isinstance(exercise, str) else "", made_from is not None)


def module_of(cells: Iterable[Cell], stub: str) -> Module:
    """Make a module from the cells of a notebook.

    Args:
        cells: the cells in their order; if a name is defined twice, the last definition counts.
        stub: the exercise's stub, which shows the names that the learner writes, and the code that is given.
    """
    notes: list[str] = []
    with warnings.catch_warnings():
        # Python repeats its warnings about the learner's code when the module is imported.
        warnings.simplefilter("ignore")
        pieces = [piece for cell in cells for piece in _pieces(cell, notes)]
        stub_pieces = list(_pieces(Cell("the stub", stub), []))
    given = [piece for piece in stub_pieces if STUB_MARK not in piece.text]
    asked = {name for piece in stub_pieces for name in piece.bound}
    kept = _needed([*given, *pieces], asked)
    future = sorted({piece.text for piece in kept if piece.is_future})
    body = [_guarded(piece) for piece in kept if not piece.is_future]
    answers = [piece for piece in pieces if piece.bound & asked and not piece.imports and STUB_MARK not in piece.text]
    given_texts = {piece.text for piece in given}
    written = [piece for piece in answers if piece.text not in given_texts]
    return Module("\n".join([FIRST_LINE, *future, HEADER, *body]) + "\n", tuple(notes), not written)


def in_cells(rows: Sequence[Row], modules: Mapping[str, str]) -> tuple[Row, ...]:
    """Replace positions in modules that were made from notebooks by positions in the notebooks' cells.

    Args:
        rows: the rows of a failure.
        modules: the texts of modules by name; positions in modules that were not made from a notebook stay as they are.
    """
    return tuple(
        msgspec.structs.replace(
            row, places=tuple(_in_cell(position, modules.get(position.module, "")) for position in row.places)
        )
        if row.places
        else row
        for row in rows
    )


def _in_cell(position: Position, module: str) -> Position:
    """Return the position in the cell that a line of a module comes from; the same position if that isn't known."""
    if not module.startswith(FIRST_LINE):
        return position
    lines = module.split("\n")[: position.line]
    marks = [(number, mark) for number, line in enumerate(lines, 1) if (mark := MARK.match(line))]
    if not marks:
        return position
    begin, mark = marks[-1]
    return msgspec.structs.replace(position, cell=mark[1], line=int(mark[2]) + position.line - begin - 1)


@dataclass(frozen=True)
class _Piece:
    """A top-level statement, or several that share a line.

    Attributes:
        label: the cell's label.
        line: its first line in the cell.
        text: its lines.
        nodes: the statements.
        bound: the names that it binds.
        changed: the names of the objects that it changes, as far as the code shows.
        read: the module's names that it refers to, when it runs or when it is called.
    """

    label: str
    line: int
    text: str
    nodes: tuple[ast.stmt, ...]
    bound: frozenset[str]
    changed: frozenset[str]
    read: frozenset[str]

    @property
    def is_future(self) -> bool:
        node = self.nodes[0]
        return isinstance(node, ast.ImportFrom) and node.module == "__future__"

    @property
    def imports_everything(self) -> bool:
        return any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in self.nodes)

    @property
    def imports(self) -> bool:
        return all(isinstance(node, ast.Import | ast.ImportFrom) for node in self.nodes)


def _needed(pieces: Sequence[_Piece], asked: set[str]) -> list[_Piece]:
    """Keep the pieces that bind the names asked for, and the pieces that these need in turn."""
    modules = {name for piece in pieces if piece.imports for name in piece.bound}
    needed, kept = set(asked), set[int]()
    while True:
        more = {
            number
            for number, piece in enumerate(pieces)
            if piece.is_future or piece.imports_everything or piece.bound & needed or piece.changed & needed - modules
        }
        if more == kept:
            return [pieces[number] for number in sorted(kept)]
        kept = more
        needed |= {name for number in more for name in pieces[number].read}


def _guarded(piece: _Piece) -> str:
    """Write a piece so that an exception in it ends only this piece, as it ends only one cell in a notebook."""
    if all(isinstance(node, ast.FunctionDef) and not node.decorator_list for node in piece.nodes):
        return f"{_mark(piece)}\n{piece.text}"
    names = [node.name for node in piece.nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    handler = "\n".join(f"    {name} = _failed(_error)" for name in names) or "    pass"
    caught = "Exception as _error" if names else "Exception"
    return f"try:\n{_mark(piece)}\n{_indented(piece)}\nexcept {caught}:\n{handler}"


def _mark(piece: _Piece) -> str:
    return f"# {piece.label}, line {piece.line}"


def _indented(piece: _Piece) -> str:
    """Indent lines, except those that begin inside a string."""
    in_string = {
        line
        for node in ast.walk(ast.parse(piece.text))
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }
    lines = piece.text.split("\n")
    return "\n".join(line if number in in_string else f"    {line}" for number, line in enumerate(lines, 1))


def _pieces(cell: Cell, notes: list[str]) -> Iterator[_Piece]:
    """Split a cell into its statements; code that isn't valid Python is skipped with a note."""
    if len(cell.text) > MAX_CELL:
        notes.append(f"{cell.label.capitalize()} was skipped: it is longer than {MAX_CELL} characters.")
        return
    text, dropped = _without_magics(cell.text.replace("\r\n", "\n").replace("\r", "\n"))
    if dropped:
        notes.append(f"Skipped in {cell.label}, because it isn't Python: {', '.join(map(_short, dropped))}.")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problem = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else "too deeply nested"
        notes.append(f"{cell.label.capitalize()} was skipped: it isn't valid Python ({_short(problem)}).")
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
            notes.append(f"A statement in {cell.label} was skipped ({_short(str(error))}).")
            continue
        yield _Piece(
            cell.label,
            _first_line(group[0]),
            text_of_group,
            tuple(group),
            _bound(table),
            frozenset(_changed(group)),
            frozenset(_read(table)),
        )


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _bound(table: symtable.SymbolTable) -> frozenset[str]:
    return frozenset(
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    )


def _changed(nodes: Sequence[ast.stmt]) -> Iterator[str]:
    """List the names of objects that statements change: `A.b = …`, `a[0] = …`, `a.append(…)`, `setattr(A, …)`."""
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Store | ast.Del):
                yield from _root(part)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value
            if isinstance(called.func, ast.Attribute):
                yield from _root(called.func)
            elif isinstance(called.func, ast.Name) and called.func.id in ("setattr", "delattr") and called.args:
                yield from _root(called.args[0])


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _read(table: symtable.SymbolTable) -> Iterator[str]:
    """List the module's names that code refers to, in functions and classes too."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _read(child)


def _without_magics(text: str) -> tuple[str, list[str]]:
    """Remove from a cell what only IPython understands; return the rest, and the lines that were removed."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    else:
        return text, []
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    dropped = []
    if lines[first].startswith("%%"):
        dropped.append(lines[first])
        if lines[first].split()[0] not in BODY_MAGICS:
            return "", dropped
        lines[first] = ""
    for number, line in enumerate(lines):
        match = MAGIC.match(line)
        if match:
            dropped.append(match[2])
            lines[number] = f"{match[1]}pass"
    return "\n".join(lines), dropped


def _short(text: str) -> str:
    line = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "?" for char in line)
    return shown if len(shown) <= MAX_NOTED else f"{shown[: MAX_NOTED - 1]}…"


def _cells_of(tree: object) -> list[dict[str, object]] | None:
    """List a notebook's cells, which format 3 has in worksheets; None if there are none."""
    sheets = _inner(tree, "worksheets")
    values = [_inner(sheet, "cells") for sheet in sheets] if isinstance(sheets, list) else []
    values.append(_inner(tree, "cells"))
    lists = [cells for cells in values if isinstance(cells, list)]
    return [cell for cells in lists for cell in cells if isinstance(cell, dict)] if lists else None


def _may_be_the_learners(cell: dict[str, object]) -> bool:
    """Say whether a cell can contain the learner's code: an answer cell of any type, or code that is not locked."""
    marks = _inner(cell, "metadata", "nbgrader")
    marks = marks if isinstance(marks, dict) else {}
    if marks.get("solution"):
        return True
    return cell.get("cell_type") == "code" and not marks.get("grade") and not marks.get("locked")


def _text_of(cell: dict[str, object]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _inner(tree: object, *keys: str) -> object:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree
