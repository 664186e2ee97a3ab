"""Chooses among several files for one exercise: the one with the most of the answer is graded. Nothing is executed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from grader.grading.notebook import Module, Notebook, module_of
from grader.grading.repeats import imports_instead, repeats
from grader.grading.statements import Cell, pieces_of


@dataclass(frozen=True)
class NotebookFile:
    """A notebook, and the name of its file as messages show it."""

    name: str
    notebook: Notebook


@dataclass(frozen=True)
class Choice:
    """What is graded for an exercise.

    Attributes:
        source: the text of the module.
        notes: a sentence about each file and each cell that was left out.
    """

    source: bytes
    notes: tuple[str, ...]


def choose(exercise: str, notebooks: Sequence[NotebookFile], module: bytes | None, stub: str) -> Choice:
    """Choose what is graded for an exercise.

    That is the notebook named after the exercise, unless another file has more of the answer. If a notebook and the
    module have different parts of it, they are put together; what both have comes from the notebook.

    Args:
        exercise: the exercise's id.
        notebooks: its notebooks, at least one.
        module: the bytes of its `.py` file, if there is one.
        stub: the exercise's stub.
    """
    by_name = sorted(notebooks, key=lambda file: file.name != f"{exercise}.ipynb")
    made = [module_of(file.notebook.cells, stub, exercise) for file in by_name]
    number = max(range(len(made)), key=lambda number: (made[number].written, -number))
    file, best = by_name[number], made[number]
    notes = [
        f"{other.name} was ignored: {file.name} is also for `{exercise}` and is graded."
        for other in notebooks
        if other is not file
    ]
    if module is not None:
        name = f"{exercise}.py"
        cell = Cell(name, module.decode("utf-8", "replace"))
        alone, both = module_of([cell], stub, exercise), module_of([cell, *file.notebook.cells], stub, exercise)
        if both.written > max(alone.written, best.written):
            notes.append(
                f"{file.name} and {name} were put together: each has a part of `{exercise}` that the other lacks."
            )
            best = both
        elif alone.written > best.written or (best.written == 0 and cell.text.strip() not in ("", stub.strip())):
            missing = f"has less of `{exercise}`" if best.written else f"has nothing of `{exercise}` that is written"
            notes.append(f"{file.name} was ignored: it {missing}. {name} is graded instead.")
            return Choice(module, (*notes, *remarks_on_module(exercise, module)))
        else:
            notes.append(f"{name} was ignored: {file.name} is graded instead.")
    if file.name != f"{exercise}.ipynb":
        notes.append(f"{file.name} was graded as {exercise}.ipynb.")
    return Choice(_encoded(best), (*notes, *(f"{file.name}: {note}" for note in best.notes)))


def remarks_on_module(exercise: str, module: bytes) -> tuple[str, ...]:
    """Return a sentence about each name that a module defines more than once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pieces = list(pieces_of(Cell(f"{exercise}.py", module.decode("utf-8", "replace")), []))
    # What runs when the file is run by itself, and a trial of the first version, make no difference.
    pieces = [piece for piece in pieces if not isinstance(piece.nodes[0], ast.Expr) and not piece.is_main_guard]
    return (*repeats(pieces, frozenset(), in_notebook=False), *imports_instead(pieces))


def _encoded(module: Module) -> bytes:
    # JSON can contain a lone surrogate, which UTF-8 cannot.
    return module.text.encode("utf-8", "replace")
