"""Selects a learner's answer from the statements of a notebook, and says what was left out. Nothing is executed."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from grader.grading.changes import (
    ANY_NAME,
    Changes,
    Definition,
    Function,
    aliases_of,
    changes_of,
    definitions_in,
    executed,
)
from grader.grading.order import in_running_order
from grader.grading.repeats import repeats, uses
from grader.grading.statements import MAKE_MODULE, Piece

UNWRITTEN = "NotImplementedError"
EXPERIMENTS = {
    ".backward()": "it trains",
    ".step()": "it trains",
    "input()": "it waits for somebody who types",
    **dict.fromkeys([".sleep()", "sleep()"], "it waits"),
    **dict.fromkeys(["plt.", "pyplot."], "it draws something"),
    **dict.fromkeys(
        ["requests.", ".urlopen()", "urlopen()", ".urlretrieve()", "urlretrieve()", "load_dataset()"],
        "it downloads something",
    ),
}
"""What makes a statement an experiment, which isn't run even if it changes an object that the answer needs."""
IMPLICIT = frozenset({"forward", "__call__", "__getattr__", "__setattr__", "__init__"})
"""Attributes that code uses without naming them."""
SETTINGS = frozenset({"setrecursionlimit"})
"""Functions of the interpreter without which an answer may not work."""
CONSTANT_MAKERS = frozenset({"compile", "getLogger", "get_encoding", "device", MAKE_MODULE})
"""Functions whose results are as good as constants, so that reading one needs no remark."""


@dataclass(frozen=True)
class Answer:
    """What was selected.

    Attributes:
        kept: the statements, in their order.
        notes: a sentence about each thing that the learner should know.
        written: how much of the answer there is: for each function and class that is asked for, a number up to 1.
    """

    kept: tuple[Piece, ...]
    notes: tuple[str, ...]
    written: float


def select(pieces: Sequence[Piece], given: Sequence[Piece], stub: Sequence[Piece], exercise: str) -> Answer:
    """Keep the definitions that are asked for, what these refer to, and what changes an object that is kept.

    Args:
        pieces: the statements of the notebook, those of locked cells too.
        given: the statements of the stub that come before them.
        stub: all statements of the stub, which show the names that are asked for.
        exercise: the exercise's id.
    """
    stub_parts = {
        name: unfinished
        for piece in stub
        for name, node in definitions_in(piece.nodes)
        if (unfinished := unfinished_parts(node))
    }
    candidates = _without_idle_locked(pieces, stub_parts)
    choice = _Choice(stub_parts, candidates, exercise)
    asked = {name for piece in stub for name in piece.bound}
    kept = in_running_order(_needed([*given, *choice.pieces], asked, choice.notes), choice.notes)
    mine = [piece for piece in kept if piece not in given]
    choice.notes += [
        f"{piece.label.capitalize()} is locked, and nbgrader restores it, so what you type there gets lost. "
        f"`{name}` was taken from it. Move it to a cell of your own."
        for piece in mine
        if piece.is_locked
        for name in sorted(piece.bound & stub_parts.keys())
    ]
    choice.notes += repeats(mine, stub_parts.keys(), in_notebook=True)
    choice.notes += _reads(mine, frozenset(stub_parts))
    return Answer(tuple(kept), tuple(choice.notes), choice.written)


class _Choice:
    """Which definition of each name counts.

    Args:
        stub_parts: for each function and class that is asked for, the functions that the stub leaves to the learner.
        pieces: the statements.
        exercise: the exercise's id.
    """

    def __init__(self, stub_parts: Mapping[str, frozenset[str]], pieces: Sequence[Piece], exercise: str) -> None:
        self.notes: list[str] = []
        self.written = 0.0
        self._exercise = exercise
        self._pieces = dict(enumerate(pieces))
        for name, parts in stub_parts.items():
            self._choose(name, parts)

    @property
    def pieces(self) -> list[Piece]:
        return list(self._pieces.values())

    def _choose(self, name: str, parts: frozenset[str]) -> None:
        """Drop what would replace a definition by less: an unfinished one, or an import."""
        best, counted, unwritten = 0.0, list[Piece](), list[int]()
        for number, piece in list(self._pieces.items()):
            if name in piece.imported and counted:
                self._pieces[number] = piece.without_imports_of(frozenset({name}))
                if not piece.imports_from(self._exercise):
                    self.notes.append(
                        f"{_where(piece)} imports another `{name}`. Your own in {_at(counted[-1])} is graded."
                    )
            if name not in piece.bound - piece.imported or uses(piece, name):
                continue
            value = _value(piece, name, parts)
            if value < best and _only_defines(piece):
                del self._pieces[number]
                self.notes.append(
                    f"`{name}` isn't finished in {_at(piece)}. The one in {_at(counted[-1])} is graded instead."
                )
                continue
            best = value
            if value:
                counted.append(piece)
                for earlier in unwritten:
                    self._pieces.pop(earlier, None)
            elif _only_defines(piece):
                unwritten.append(number)
        self.written += best


def _without_idle_locked(pieces: Sequence[Piece], stub_parts: Mapping[str, frozenset[str]]) -> list[Piece]:
    """Leave out what is in locked cells, except what binds names that nothing else binds."""
    bound = set[str]()
    for piece in pieces:
        if not piece.is_locked:
            bound |= {
                name for name in piece.bound if name not in stub_parts or _value(piece, name, stub_parts[name]) > 0
            }
    return [piece for piece in pieces if not piece.is_locked or not piece.bound & bound]


def _needed(pieces: Sequence[Piece], asked: set[str], notes: list[str]) -> list[Piece]:
    """Keep the pieces that bind the names asked for, those that these need, and those that change what is kept."""
    definitions = {name: node for piece in pieces for name, node in definitions_in(piece.nodes)}
    aliases: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        for name, other in aliases_of(piece.nodes):
            aliases[name].add(other)
    imported = {name for piece in pieces for name in piece.imported}
    imported -= {name for piece in pieces for name in piece.bound - piece.imported}
    changes = [changes_of(piece.nodes, definitions, aliases) for piece in pieces]
    attributes = [{node.attr for top in piece.nodes for node in _attributes(top)} for piece in pieces]
    binders: dict[str, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        for name in piece.bound:
            binders[name].append(number)
    needed, used, kept, experiments = set(asked), set[str](), set[int](), dict[int, str]()
    waiting = [number for number, piece in enumerate(pieces) if piece.bound & asked or _is_always_kept(piece)]
    while waiting:
        while waiting:
            number = waiting.pop()
            if number not in kept:
                kept.add(number)
                used |= attributes[number]
                waiting += [binder for name in pieces[number].read - needed for binder in binders[name]]
                needed |= pieces[number].read
        for number in set(range(len(pieces))) - kept - experiments.keys():
            if _changed(changes[number], needed, imported, used):
                if reason := _experiment(pieces[number], definitions):
                    experiments[number] = reason
                else:
                    waiting.append(number)
    for number in sorted(experiments.keys() - kept):
        changed = _changed(changes[number], needed, imported, used)
        notes.append(f"{_where(pieces[number])} was left out, although it changes {changed}: {experiments[number]}.")
    return [pieces[number] for number in sorted(kept)]


def _is_always_kept(piece: Piece) -> bool:
    settings = any(_called(node) in SETTINGS for node in piece.nodes)
    return settings or piece.is_future or piece.imports_everything


def _changed(changes: Changes, needed: set[str], imported: set[str], used: set[str]) -> str:
    """Name what a statement changes that the answer needs; empty if there is nothing.

    An object that was imported is only changed for the answer if the answer uses the attribute that is set.
    """
    names = sorted((changes.objects & needed - imported) | (changes.bound & needed))
    if names:
        return ", ".join(f"`{name}`" for name in names)
    if ANY_NAME in changes.bound:
        return "names of the notebook"
    attributes = sorted(changes.attributes & (used | IMPLICIT)) if changes.objects & needed & imported else []
    return ", ".join(f"`{name}`" for name in attributes)


def _attributes(node: ast.stmt) -> Iterator[ast.Attribute]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load))


def _experiment(piece: Piece, definitions: Mapping[str, Definition]) -> str:
    """Say why a statement is an experiment; empty if it isn't one."""
    nodes = list(executed(piece.nodes))
    seen = set[str]()
    # What the functions do that it calls, and those that they call, is a part of it.
    for node in nodes:
        name = _function_called(node)
        if name in definitions and name not in seen:
            seen.add(name)
            nodes += ast.walk(definitions[name])
    signs = [sign for node in nodes for sign in _signs(node) if sign in EXPERIMENTS]
    return EXPERIMENTS[signs[0]] if signs else ""


def _signs(node: ast.AST) -> Iterator[str]:
    """List how `EXPERIMENTS` writes a call, or the module that an attribute belongs to."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            yield f".{name}()"
        case ast.Call(func=ast.Name(id=name)):
            yield f"{name}()"
        case ast.Attribute(value=ast.Name(id=name)):
            yield f"{name}."


def _function_called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _called(node: ast.stmt) -> str:
    """Return the name of the method that a statement calls, if it is only a call."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        return node.value.func.attr
    return ""


def _reads(kept: Sequence[Piece], asked: frozenset[str]) -> Iterator[str]:
    """Yield a sentence for each variable of another cell that a definition reads, and that was computed there."""
    nodes = (node for piece in kept for _, node in definitions_in(piece.nodes))
    classes = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
    variables = {
        name: piece
        for piece in kept
        for node in piece.nodes
        if isinstance(node, ast.Assign) and _is_computed(node.value, classes)
        for name in piece.bound
    }
    for piece in kept:
        for name in sorted(piece.read_inside & variables.keys() - asked):
            origin = variables[name]
            defined = [each for each, _ in definitions_in(piece.nodes)]
            if defined and origin.label != piece.label and not name.isupper():
                yield (
                    f"Your `{defined[0]}` in {piece.label} reads `{name}` of {origin.label}, which is computed once, "
                    "before any check."
                )


def _is_computed(value: ast.expr, classes: Set[str]) -> bool:
    """Say whether a value comes from a computation, and isn't written down, a function, or as good as a constant.

    Settings in a class of the notebook's own, such as `cfg = Config(eps=1e-5)`, are as good as constants.
    """
    if isinstance(value, ast.Lambda):
        return False
    if isinstance(value, ast.Call):
        name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return name not in CONSTANT_MAKERS | classes
    return any(isinstance(part, ast.Call | ast.BinOp) for part in ast.walk(value))


def _value(piece: Piece, name: str, parts: frozenset[str]) -> float:
    """Say how much of a definition is written: 0 if it is as in the stub, 1 if nothing is left."""
    if name in piece.imported:
        return 0.0
    unfinished = [unfinished_parts(node) for each, node in definitions_in(piece.nodes) if each == name]
    return 1.0 if not unfinished else 1 - min(len(unfinished[-1] & parts) / len(parts), 1)


def unfinished_parts(node: Definition) -> frozenset[str]:
    """List the functions of a definition, or the function itself, that say that they aren't written yet."""
    functions = [node] if isinstance(node, Function) else [part for part in node.body if isinstance(part, Function)]
    return frozenset(function.name for function in functions if _is_unfinished(function))


def _is_unfinished(function: Function) -> bool:
    last = function.body[-1]
    if all(isinstance(part, ast.Pass) or _is_constant(part) for part in function.body):
        return True
    if not isinstance(last, ast.Raise) or last.exc is None:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    returns = any(
        isinstance(part, ast.Yield) or (isinstance(part, ast.Return) and part.value is not None)
        for part in ast.walk(function)
    )
    return isinstance(raised, ast.Name) and raised.id == UNWRITTEN and not returns


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _only_defines(piece: Piece) -> bool:
    return all(isinstance(node, Definition) for node in piece.nodes)


def _at(piece: Piece) -> str:
    return f"{piece.label}, line {piece.line}"


def _where(piece: Piece) -> str:
    return f"Line {piece.line} of {piece.label}"
