"""Says which functions, classes and methods are defined more than once. Nothing is executed."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from grader.grading.changes import Definition, Function, definitions_in, executed
from grader.grading.statements import Piece


@dataclass(frozen=True)
class _Occurrence:
    """A definition of a name: its cell or file, the line there, its text, and whether that only defines functions."""

    label: str
    line: int
    text: str
    is_function: bool = True


def repeats(pieces: Sequence[Piece], asked: Set[str], in_notebook: bool) -> Iterator[str]:
    """Yield a sentence for each name with several definitions that differ.

    The same code twice needs no sentence, nor does a definition that uses the earlier one, or whose earlier one was
    used in between, as in `A.forward = forward`.

    Args:
        pieces: the statements that are graded.
        asked: names for which other ways to bind them count, too, such as `LayerNorm = MyLayerNorm`.
        in_notebook: whether a definition that raises an exception leaves the earlier one as it was.
    """
    for name, occurrences in _occurrences(pieces, asked).items():
        if len({occurrence.text for occurrence in occurrences}) > 1:
            yield _sentence(name, occurrences, in_notebook and not occurrences[-1].is_function)
    for piece in pieces:
        for class_name, node in definitions_in(piece.nodes):
            if isinstance(node, ast.ClassDef):
                yield from _repeated_methods(class_name, node, piece)


def imports_instead(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield a sentence for each import that replaces a function or a class above it."""
    lines: dict[str, int] = {}
    for piece in pieces:
        for name in sorted(piece.imported & lines.keys()):
            yield (
                f"Line {piece.line} of {piece.label} imports another `{name}`, which replaces your own in line "
                f"{lines[name]}."
            )
        lines |= {name: node.lineno for name, node in definitions_in(piece.nodes) if name not in piece.imported}


def uses(piece: Piece, name: str) -> bool:
    """Say whether a statement uses a name when it runs, as `area = cached(area)` does: then it isn't a new one."""
    return name in used_names(piece)


def used_names(piece: Piece) -> set[str]:
    """List the names that a statement uses when it runs."""
    nodes = (node for node in executed(piece.nodes) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)}


def _occurrences(pieces: Sequence[Piece], asked: Set[str]) -> dict[str, list[_Occurrence]]:
    occurrences: dict[str, list[_Occurrence]] = defaultdict(list)
    for piece in pieces:
        for name in used_names(piece) & occurrences.keys():
            occurrences[name].clear()
        defined = {name for name, node in definitions_in(piece.nodes) if not _is_a_variant(node)}
        for name in sorted((defined | asked) & (piece.bound - piece.imported)):
            is_function = isinstance(piece.nodes[0], Function)
            occurrences[name].append(_Occurrence(piece.label, piece.line, piece.text, is_function))
    return occurrences


def _repeated_methods(class_name: str, node: ast.ClassDef, piece: Piece) -> Iterator[str]:
    methods: dict[str, list[_Occurrence]] = defaultdict(list)
    for part in node.body:
        if isinstance(part, Function) and not part.decorator_list:
            methods[part.name].append(_Occurrence(piece.label, part.lineno, ast.dump(part)))
    for name, occurrences in methods.items():
        if len({occurrence.text for occurrence in occurrences}) > 1:
            yield _sentence(f"{class_name}.{name}", occurrences, may_fail=False)


def _is_a_variant(node: Definition) -> bool:
    """Say whether a decorator makes a definition one of several, as `@overload` and `@add_to(A)` do."""
    return bool(node.decorator_list) and isinstance(node, Function)


def _sentence(name: str, occurrences: Sequence[_Occurrence], may_fail: bool) -> str:
    unless = ", unless it raises an exception" if may_fail else ""
    if len(occurrences) > 2:
        last = occurrences[-1]
        return (
            f"`{name}` is defined {len(occurrences)} times. The last one, in {last.label}, line {last.line}, "
            f"counts{unless}."
        )
    first, second = occurrences
    where = (
        f"lines {first.line} and {second.line} of {first.label}"
        if first.label == second.label
        else f"{first.label}, line {first.line} and {second.label}, line {second.line}"
    )
    return f"`{name}` is defined twice, in {where}. The later one counts{unless}."
