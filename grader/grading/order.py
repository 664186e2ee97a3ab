"""Puts the statements of a notebook whose cells were run out of order into an order in which they run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence

from grader.grading.changes import Definition, definitions_in, executed
from grader.grading.repeats import used_names
from grader.grading.statements import Piece

MAX_FOLLOWED = 50
"""The most functions that are followed from one statement."""
BUILTINS = frozenset(dir(builtins))


def in_running_order(pieces: Sequence[Piece], notes: list[str]) -> list[Piece]:
    """Move a statement up if one above it uses a name, when it runs, that only this one binds.

    A note names both. A notebook that runs from top to bottom stays as it is.
    """
    order = _Order(pieces)
    for number in range(len(pieces)):
        order.put_behind_its_needs(number)
    notes += order.notes
    return [pieces[number] for number in order.placed]


class _Order:
    """The order in which statements run.

    Args:
        pieces: the statements as they are in the notebook.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.placed: list[int] = []
        self.notes: list[str] = []
        self._pieces = pieces
        self._bound = set[str](BUILTINS)
        self._begun, self._done = set[int](), set[int]()
        self._binders: dict[str, int] = {}
        self._definitions: dict[str, tuple[Piece, Definition]] = {}
        for number, piece in enumerate(pieces):
            for name in piece.bound:
                self._binders.setdefault(name, number)
            for name, node in definitions_in(piece.nodes):
                self._definitions[name] = (piece, node)

    def put_behind_its_needs(self, number: int) -> None:
        """Put a statement behind those that it needs."""
        waiting = [number]
        while waiting:
            current = waiting[-1]
            needed = [] if current in self._begun else self._needed(current)
            self._begun.add(current)
            for binder, name in needed:
                piece, other = self._pieces[current], self._pieces[binder]
                if piece.label != other.label:
                    self.notes.append(
                        f"Line {piece.line} of {piece.label} uses `{name}`, which only {other.label} further down "
                        f"defines. It was graded as if {other.label} came first; in a new kernel it fails."
                    )
            waiting += [binder for binder, _ in needed]
            if not needed:
                waiting.pop()
                if current not in self._done:
                    self._done.add(current)
                    self.placed.append(current)
                    self._bound |= self._pieces[current].bound

    def _needed(self, number: int) -> list[tuple[int, str]]:
        """List the statements below one that it needs, each with the name."""
        names = _used_now(self._pieces[number], self._definitions)
        return [
            (binder, name)
            for name in sorted(names - self._bound)
            if (binder := self._binders.get(name, 0)) > number and binder not in self._begun
        ]


def _used_now(piece: Piece, definitions: Mapping[str, tuple[Piece, Definition]]) -> set[str]:
    """List the module's names that a statement uses when it runs, also in functions and classes that it calls."""
    names, followed = used_names(piece) & piece.read, set[str]()
    waiting = list(executed(piece.nodes))
    while waiting and len(followed) < MAX_FOLLOWED:
        node = waiting.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in definitions and name not in followed:
                followed.add(name)
                origin, definition = definitions[name]
                names |= origin.read
                waiting += ast.walk(definition)
    return names
