"""From a notebook to a module: which code of a notebook is the learner's answer.

A notebook holds more than the answer: a lesson, checks, experiments, plots, a training run that takes an hour. What is
graded is the part that an answer needs: the contract's names, wherever in the notebook they are defined, and what these
refer to. Cells may be deleted, moved, doubled or turned into Markdown; of two definitions the later one counts, as it
does in a kernel. Nothing is executed here.
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

from grader.failures.rows import Place, Row

STUB_MARK = "NotImplementedError"
MAX_NOTED = 120
MAX_CELL = 2**18
"""Characters of a cell: what is longer is no answer, and would take long to read."""

# What stands before a cell's body, of which the body is Python all the same.
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
    """The bytes are no notebook; the text says what they are, as the end of a sentence."""


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
        exercise: the exercise that it says it is about; empty if it does not.
        is_made: it was made on the instructor's side, to show what was handed in as another file.
    """

    cells: tuple[Cell, ...]
    exercise: str
    is_made: bool = False


@dataclass(frozen=True)
class Module:
    """The module that was made of a notebook.

    Attributes:
        text: its source.
        notes: a sentence for each thing that was left out.
        is_stub: nothing that is asked for is written yet.
    """

    text: str
    notes: tuple[str, ...]
    is_stub: bool


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook of format 3 or 4, however it was mistreated.

    Raises:
        NotANotebook: it is none.
    """
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        raise NotANotebook("not a notebook: it is not JSON") from None
    found = _cells_of(tree)
    if found is None:
        raise NotANotebook("not a notebook: it has no cells")
    cells = [
        Cell(f"cell {number}", _text_of(cell)) for number, cell in enumerate(found, 1) if _may_be_the_learners(cell)
    ]
    exercise = _inner(tree, "metadata", "grader", "exercise")
    made_from = _inner(tree, "metadata", "grader", "made_from")
    return Notebook(tuple(cells), exercise if isinstance(exercise, str) else "", made_from is not None)


def module_of(cells: Iterable[Cell], stub: str) -> Module:
    """Make a module of the cells of a notebook.

    Args:
        cells: the cells in their order; what is defined twice counts as it is defined last.
        stub: the exercise's stub, which says what names are asked for, and what is given.
    """
    notes: list[str] = []
    with warnings.catch_warnings():
        # What Python thinks of a learner's style is said when the module is imported.
        warnings.simplefilter("ignore")
        pieces = [piece for cell in cells for piece in _pieces(cell, notes)]
        of_stub = list(_pieces(Cell("the stub", stub), []))
    given = [piece for piece in of_stub if STUB_MARK not in piece.text]
    asked = {name for piece in of_stub for name in piece.bound}
    kept = _needed([*given, *pieces], asked)
    future = sorted({piece.text for piece in kept if piece.is_future})
    body = [_guarded(piece) for piece in kept if not piece.is_future]
    answers = [piece for piece in pieces if piece.bound & asked and not piece.imports and STUB_MARK not in piece.text]
    written = [piece for piece in answers if piece.text not in {one.text for one in given}]
    return Module("\n".join([FIRST_LINE, *future, HEADER, *body]) + "\n", tuple(notes), not written)


def in_cells(rows: Sequence[Row], modules: Mapping[str, str]) -> tuple[Row, ...]:
    """Name cells of notebooks in the place of lines of the modules that were made of them.

    Args:
        rows: what is said of a failure.
        modules: the texts of modules by their names; places in those that were not made of a notebook stay as they are.
    """
    return tuple(
        msgspec.structs.replace(
            row, places=tuple(_in_a_cell(place, modules.get(place.module, "")) for place in row.places)
        )
        if row.places
        else row
        for row in rows
    )


def _in_a_cell(place: Place, module: str) -> Place:
    """Return the place in the cell from which a line of a module comes; the place itself if that isn't known."""
    if not module.startswith(FIRST_LINE):
        return place
    lines = module.split("\n")[: place.line]
    marks = [(number, mark) for number, line in enumerate(lines, 1) if (mark := MARK.match(line))]
    if not marks:
        return place
    begin, mark = marks[-1]
    return msgspec.structs.replace(place, cell=mark[1], line=int(mark[2]) + place.line - begin - 1)


@dataclass(frozen=True)
class _Piece:
    """A top-level statement, or several that share a line.

    Attributes:
        label: the cell's.
        line: its first line in the cell.
        text: its lines.
        nodes: the statements.
        bound: the names that it binds.
        changed: the names of the objects that it changes, as far as that can be seen.
        read: the names of the module that it refers to, at once or when it is called.
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
    """Keep the pieces that bind what is asked for, and what these need in turn."""
    modules = {name for piece in pieces if piece.imports for name in piece.bound}
    needed, kept = set(asked), set[int]()
    while True:
        more = {
            place
            for place, piece in enumerate(pieces)
            if piece.is_future or piece.imports_everything or piece.bound & needed or piece.changed & needed - modules
        }
        if more == kept:
            return [pieces[place] for place in sorted(kept)]
        kept = more
        needed |= {name for place in more for name in pieces[place].read}


def _guarded(piece: _Piece) -> str:
    """Write a piece so that an exception in it ends it alone, as it ends one cell in a notebook."""
    if all(isinstance(node, ast.FunctionDef) and not node.decorator_list for node in piece.nodes):
        return f"{_mark(piece)}\n{piece.text}"
    names = [node.name for node in piece.nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    told = "\n".join(f"    {name} = _failed(_error)" for name in names) or "    pass"
    caught = "Exception as _error" if names else "Exception"
    return f"try:\n{_mark(piece)}\n{_indented(piece)}\nexcept {caught}:\n{told}"


def _mark(piece: _Piece) -> str:
    return f"# {piece.label}, line {piece.line}"


def _indented(piece: _Piece) -> str:
    """Move lines to the right, but for those that begin within a string."""
    inner = {
        line
        for node in ast.walk(ast.parse(piece.text))
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }
    lines = piece.text.split("\n")
    return "\n".join(line if number in inner else f"    {line}" for number, line in enumerate(lines, 1))


def _pieces(cell: Cell, notes: list[str]) -> Iterator[_Piece]:
    """Cut a cell into its statements; what is no Python is left out with a note."""
    if len(cell.text) > MAX_CELL:
        notes.append(f"{cell.label.capitalize()} was left out: it is longer than {MAX_CELL} characters.")
        return
    text, dropped = _without_magics(cell.text.replace("\r\n", "\n").replace("\r", "\n"))
    if dropped:
        notes.append(f"Not run in {cell.label}, since only Python is: {', '.join(map(_short, dropped))}.")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else "too deeply nested"
        notes.append(f"{cell.label.capitalize()} was left out, since it is not Python ({_short(place)}).")
        return
    lines = text.split("\n")
    groups: list[list[ast.stmt]] = []
    for node in tree.body:
        if groups and _first_line(node) <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(node)
        else:
            groups.append([node])
    for group in groups:
        own = "\n".join(lines[_first_line(group[0]) - 1 : group[-1].end_lineno])
        try:
            compile(own, cell.label, "exec", dont_inherit=True)
            table = symtable.symtable(own, cell.label, "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            notes.append(f"A statement in {cell.label} was left out ({_short(str(error))}).")
            continue
        yield _Piece(
            cell.label,
            _first_line(group[0]),
            own,
            tuple(group),
            _bound(table),
            frozenset(_changed(group)),
            frozenset(_read(table)),
        )


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


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
    """List the names of the module that code refers to, in functions and classes too."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _read(child)


def _without_magics(text: str) -> tuple[str, list[str]]:
    """Take out of a cell what only IPython understands; return what was taken."""
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
        found = MAGIC.match(line)
        if found:
            dropped.append(found[2])
            lines[number] = f"{found[1]}pass"
    return "\n".join(lines), dropped


def _short(text: str) -> str:
    line = " ".join(text.split())
    shown = "".join(one if one.isprintable() else "?" for one in line)
    return shown if len(shown) <= MAX_NOTED else f"{shown[: MAX_NOTED - 1]}…"


def _cells_of(tree: object) -> list[dict[str, object]] | None:
    """List a notebook's cells, of format 4 or of 3, where they lie in worksheets; None where there are none."""
    sheets = _inner(tree, "worksheets")
    found = [_inner(sheet, "cells") for sheet in sheets] if isinstance(sheets, list) else []
    found.append(_inner(tree, "cells"))
    lists = [cells for cells in found if isinstance(cells, list)]
    return [cell for cells in lists for cell in cells if isinstance(cell, dict)] if lists else None


def _may_be_the_learners(cell: dict[str, object]) -> bool:
    """Say whether a cell can hold the learner's code: an answer in a cell of any type, or code that is not locked."""
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
