"""Recognizes an answer in a file with another name, by what it defines. Files are parsed, never executed."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.grading.answer import UNWRITTEN, unfinished_parts
from grader.grading.changes import definitions_in
from grader.grading.notebook import module_of
from grader.grading.statements import Cell
from grader.text import listed

COPY = re.compile(r"(?:[ _-]*(?:\(\d+\)|copy|kopie|final|v?\d+))+$", re.IGNORECASE)
"""What browsers, platforms and people add to the name of a file that exists already: ` (1)`, `-1`, ` - Copy`."""
MAX_NAMED = 4
SOMETHING = 0.01
"""The share that counts as written if the parts of an exercise can't be recognized."""
ENOUGH = 0.5
"""The share of what an exercise asks for that a file must define to be recognized."""


def same_name(stem: str, exercise: str) -> bool:
    """Say whether a file is named after an exercise, but for its spelling: `LayerNorm`, `layer-norm (1)`."""
    return _plain(exercise) in (_plain(stem), _plain(COPY.sub("", stem)))


def share_written(exercise: str, cells: Sequence[Cell], stub: Path) -> float:
    """Return the share of an exercise's functions and classes that are written in some cells: a number up to 1."""
    asked = asked_by(stub)
    if not asked or not _may_define(cells, asked):
        return 0.0
    try:
        return module_of(cells, stub.read_text(encoding="utf-8"), exercise).written / len(asked)
    except (ValueError, RecursionError, MemoryError):
        return 0.0


def is_begun(source: bytes, stub: Path) -> bool:
    """Say whether something is written in a module: it is neither empty nor the stub with its parts unwritten."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bool(source.strip())
    unfinished = {name: unfinished_parts(node) for name, node in definitions_in(tree.body)}
    asked = _asked_parts(stub)
    return bool(unfinished) and (not asked or any(unfinished.get(name) != parts for name, parts in asked.items()))


def has_own_names(exercise: str, cells: Sequence[Cell], stubs: Mapping[str, Path]) -> bool:
    """Say whether cells define something that only this exercise asks for, or it asks for nothing of its own.

    Args:
        exercise: the exercise's id.
        cells: the code.
        stubs: all stubs, by exercise.
    """
    own = _own_names(exercise, stubs)
    return not own or any(_defines(name, cells) for name in own)


def is_about_another(exercise: str, cells: Sequence[Cell], stubs: Mapping[str, Path]) -> bool:
    """Say whether cells define what only another exercise asks for that shares a name with this one.

    Args:
        exercise: the exercise's id.
        cells: the code.
        stubs: all stubs, by exercise.
    """
    rivals = [
        other for other, stub in stubs.items() if other != exercise and asked_by(stub) & asked_by(stubs[exercise])
    ]
    return any(_defines(name, cells) for other in rivals for name in _own_names(other, stubs))


def _own_names(exercise: str, stubs: Mapping[str, Path]) -> frozenset[str]:
    others = (asked_by(stub) for other, stub in stubs.items() if other != exercise)
    return asked_by(stubs[exercise]).difference(*others)


def _defines(name: str, cells: Sequence[Cell]) -> bool:
    return any(re.search(rf"\b(?:class|def)\s+{name}\b", cell.text) for cell in cells)


def share_started(exercise: str, cells: Sequence[Cell], stub: Path) -> float:
    """Return the share that is written, and more than 0 for a module that isn't the stub: its parts may be renamed."""
    modules = [cell.text for cell in cells if cell.label == f"{exercise}.py"]
    is_started = any(text.strip() and UNWRITTEN not in text for text in modules)
    return share_written(exercise, cells, stub) or (SOMETHING if is_started else 0.0)


def asked_by(stub: Path) -> frozenset[str]:
    """Return the names of the functions and classes that an exercise asks for; none without a stub."""
    return frozenset(_asked_parts(stub))


@functools.cache
def _asked_parts(stub: Path) -> Mapping[str, frozenset[str]]:
    """Return, for each function and class that an exercise asks for, its functions that are to be written."""
    try:
        tree = ast.parse(stub.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    return {name: parts for name, node in definitions_in(tree.body) if (parts := unfinished_parts(node))}


def defined(exercise_names: frozenset[str], cells: Sequence[Cell]) -> str:
    """List those names that cells define, for a sentence."""
    names = [name for name in sorted(exercise_names) if _defines(name, cells)]
    return listed([f"`{name}`" for name in names or sorted(exercise_names)], MAX_NAMED)


def _may_define(cells: Sequence[Cell], asked: frozenset[str]) -> bool:
    """Say quickly whether it is worth a closer look."""
    text = "\n".join(cell.text for cell in cells)
    return sum(name in text for name in asked) >= ENOUGH * len(asked)


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
