"""Turns a notebook into a module that contains only the learner's answer.

A notebook contains more than the answer: a lesson, checks, experiments, plots, a training run that takes an hour. The
grader keeps only the names that the exercise asks for, wherever in the notebook they are defined, and the code that
these refer to, or that changes what is kept. Cells may be deleted, moved, copied or turned into Markdown; if a name is
defined twice, the later definition counts, as it does in a kernel. Nothing is executed here.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import msgspec

from grader.failures.rows import Position, Row
from grader.grading.answer import UNWRITTEN, select
from grader.grading.changes import definitions_in
from grader.grading.encodings import in_utf8
from grader.grading.statements import MAKE_MODULE, MAX_CELL, Cell, Piece, pieces_of
from grader.learner.magics import module_written
from grader.learner.source import MADE_OF_A_NOTEBOOK

STUB = "the stub"
MARK = re.compile(r"# (.+), line (\d+)$")

HEADER = '''\
def _failed(error):
    """Return what raises again, when it is used, what its definition raised."""

    def raise_again(*args, **kwargs):
        raise error

    return raise_again
'''
MODULE_HEADER = f'''\
def {MAKE_MODULE}(name, text):
    """Make a module that a cell of the notebook writes to a file."""
    import sys
    import types

    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name + ".py", "exec"), vars(module))
    return module
'''


class NotANotebook(Exception):
    """The bytes are not a notebook; the text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Notebook:
    """A notebook as it was handed in.

    Attributes:
        cells: those with code, also the locked ones, in which a learner may have typed an answer.
        exercise: the exercise that its metadata names; empty if there is none.
        is_made: whether it was generated for the instructor, to show what was handed in as another file.
    """

    cells: tuple[Cell, ...]
    exercise: str
    is_made: bool = False

    @property
    def has_code(self) -> bool:
        return any(cell.text.strip() for cell in self.cells)

    def modules_written(self) -> Iterator[tuple[str, Cell]]:
        """List the modules that cells write to files, each as its name and a cell with its text."""
        for cell in self.cells:
            name, text = module_written(cell.text)
            if name and len(text) <= MAX_CELL:
                yield name, replace(cell, text=text)

    def without_modules(self, names: Container[str]) -> Notebook:
        """Return the notebook without the cells that write some modules to files."""
        return replace(self, cells=tuple(cell for cell in self.cells if module_written(cell.text)[0] not in names))


@dataclass(frozen=True)
class Module:
    """The module that was made from a notebook.

    Attributes:
        text: its source.
        notes: a sentence about each thing that was left out.
        written: how much of what the exercise asks for is written: a number up to 1 for each function and class.
    """

    text: str
    notes: tuple[str, ...]
    written: float


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook of format 3 or 4, even if parts of it are damaged.

    Raises:
        NotANotebook: it isn't one.
    """
    tree = read_tree(data)
    all_cells = cells_of(tree)
    if all_cells is None:
        raise NotANotebook("not a notebook (no cells)")
    cells = [
        Cell(f"cell {number}", _text_of(cell), not _is_the_learners(cell))
        for number, cell in enumerate(all_cells, 1)
        if cell.get("cell_type") == "code" or _is_the_learners(cell)
    ]
    exercise = inner(tree, "metadata", "grader", "exercise")
    made_from = inner(tree, "metadata", "grader", "made_from")
    return Notebook(tuple(cells), exercise if isinstance(exercise, str) else "", made_from is not None)


def read_tree(data: bytes) -> object:
    """Read JSON in any encoding.

    Raises:
        NotANotebook: it isn't JSON.
    """
    try:
        return json.loads(data)
    except RecursionError:
        raise NotANotebook("not a notebook (not JSON)") from None
    except ValueError:
        try:
            return json.loads(in_utf8(data)[0])
        except (ValueError, RecursionError):
            raise NotANotebook("not a notebook (not JSON)") from None


def module_of(cells: Iterable[Cell], stub: str, exercise: str = "") -> Module:
    """Make a module from the cells of a notebook.

    Args:
        cells: the cells in their order; if a name is defined twice, the last definition counts.
        stub: the exercise's stub, which shows the names that the learner writes, and the code that is given.
        exercise: the exercise's id, by which the module's own file and imports from it are known.
    """
    notes: list[str] = []
    with warnings.catch_warnings():
        # Python repeats its warnings about the learner's code when the module is imported.
        warnings.simplefilter("ignore")
        pieces = [piece for cell in cells for piece in pieces_of(cell, notes, exercise)]
        written = {name for piece in pieces if MAKE_MODULE in piece.read for name in piece.bound}
        # An import needs the cell that writes the module.
        pieces = [replace(piece, read=piece.read | (piece.modules & written)) for piece in pieces]
        stub_pieces = list(pieces_of(Cell(STUB, stub), []))
        answer = select(pieces, [piece for piece in stub_pieces if UNWRITTEN not in piece.text], stub_pieces, exercise)
    future = sorted({piece.text for piece in answer.kept if piece.is_future})
    # Everything that a notebook defines comes before names from `from … import *`.
    stars = [_guarded(piece, frozenset()) for piece in answer.kept if piece.imports_everything]
    body, defined = list[str](), set[str]()
    for piece in answer.kept:
        if not piece.is_future and not piece.imports_everything:
            body.append(_guarded(piece, defined))
            defined |= piece.bound - piece.imported
    header = [HEADER, MODULE_HEADER] if any(MAKE_MODULE in piece.read for piece in answer.kept) else [HEADER]
    text = "\n".join([MADE_OF_A_NOTEBOOK, *future, *header, *stars, *body]) + "\n"
    return Module(text, (*notes, *answer.notes), answer.written)


def as_written(module: str) -> str:
    """Return a module's code as its author wrote it: of a module made of a notebook, only what comes from its cells."""
    if not module.startswith(MADE_OF_A_NOTEBOOK):
        return module
    try:
        tree = ast.parse(module)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Somebody may begin a file of their own with that line.
        return module
    in_string = _lines_in_strings(tree)
    lines = module.split("\n")
    kept: list[str] = []
    mark: re.Match[str] | None = None
    for statement in tree.body:
        if isinstance(statement, ast.Try):
            begin, end, indent = statement.lineno, statement.handlers[0].lineno - 1, 4
            mark = MARK.match(lines[begin])
        else:
            # Functions without a guard: the first has the mark above it, and belongs together with those that follow.
            begin, end, indent = statement.lineno - 1, statement.end_lineno or statement.lineno, 0
            mark = MARK.match(lines[begin - 1]) or mark
        if mark is not None and mark[1] != STUB:
            numbered = enumerate(lines[begin:end], begin + 1)
            kept += [line if number in in_string else line[indent:] for number, line in numbered]
    return "\n".join(kept)


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
    if not module.startswith(MADE_OF_A_NOTEBOOK):
        return position
    lines = module.split("\n")[: position.line]
    marks = [(number, mark) for number, line in enumerate(lines, 1) if (mark := MARK.match(line))]
    if not marks:
        return position
    begin, mark = marks[-1]
    return msgspec.structs.replace(position, cell=mark[1], line=int(mark[2]) + position.line - begin - 1)


def _guarded(piece: Piece, defined: Set[str]) -> str:
    """Write a piece so that an exception in it ends only this piece, as it ends only one cell in a notebook.

    What it would have defined raises the exception when it is used, unless an earlier piece has defined it.
    """
    if all(isinstance(node, ast.FunctionDef) and not node.decorator_list for node in piece.nodes):
        return f"{_mark(piece)}\n{piece.text}"
    names = sorted({name for name, _ in definitions_in(piece.nodes)} - defined)
    handler = "\n".join(f"    {name} = _failed(_error)" for name in names) or "    pass"
    caught = "Exception as _error" if names else "Exception"
    return f"try:\n{_mark(piece)}\n{_indented(piece)}\nexcept {caught}:\n{handler}"


def _mark(piece: Piece) -> str:
    return f"# {piece.label}, line {piece.line}"


def _indented(piece: Piece) -> str:
    """Indent lines, except those that begin inside a string."""
    in_string = _lines_in_strings(ast.parse(piece.text))
    lines = piece.text.split("\n")
    return "\n".join(line if number in in_string else f"    {line}" for number, line in enumerate(lines, 1))


def _lines_in_strings(tree: ast.Module) -> set[int]:
    """Return the lines that begin inside a string."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }


def cells_of(tree: object) -> list[dict[str, object]] | None:
    """List a notebook's cells, which format 3 has in worksheets; None if there are none."""
    sheets = inner(tree, "worksheets")
    values = [inner(sheet, "cells") for sheet in sheets] if isinstance(sheets, list) else []
    values.append(inner(tree, "cells"))
    lists = [cells for cells in values if isinstance(cells, list)]
    return [cell for cells in lists for cell in cells if isinstance(cell, dict)] if lists else None


def _is_the_learners(cell: dict[str, object]) -> bool:
    """Say whether a cell is the learner's: an answer cell of any type, or code that is not locked."""
    marks = inner(cell, "metadata", "nbgrader")
    marks = marks if isinstance(marks, dict) else {}
    if marks.get("solution"):
        return True
    return cell.get("cell_type") == "code" and not marks.get("grade") and not marks.get("locked")


def _text_of(cell: dict[str, object]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def inner(tree: object, *keys: str) -> object:
    """Return the value at a path of keys; None if there is none."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree
