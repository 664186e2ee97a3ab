"""Make the mutants of a solution: every small change to its marked parts that could be a mistake.

Cosmic Ray's operators know Python: operators, comparisons, numbers, conditions, loops. Those below know what tensor
code gets wrong beyond that: an argument left out or in the wrong order, a statement forgotten, another variable or
another of two like functions taken, a graph cut, a tensor overwritten.

Not made: changes to what the learner is given (signatures, docstrings, the split pattern), to annotations, and to the
words of messages and prints, which are free.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.course.stub import BEGIN, END

Node = TypeVar("Node", bound=ast.AST)

NUDGE = 1.01
IN_PLACE = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}
LIKE = (
    ("mean", "sum"),
    ("min", "max"),
    ("train", "eval"),
    ("ones", "zeros"),
    ("triu", "tril"),
    ("append", "extend"),
    ("add", "discard"),
    ("keys", "values"),
    ("utf-8", "latin-1"),
    ("replace", "ignore"),
)
"""Names that are mistaken for each other."""


class NoCosmicRay(Exception):
    """Cosmic Ray is not installed."""


@dataclass(frozen=True)
class Place:
    """Where a mutant differs from the solution, told without line numbers, which every edit above would shift.

    Attributes:
        function: the function or method that was changed, as `Class.method`.
        was: the changed lines, without indentation and comments.
        now: what stands there instead.
        nth: which of several like lines of that function it is; the first is 1.
    """

    function: str
    was: str
    now: str
    nth: int = 1


@dataclass(frozen=True)
class Mutant:
    """A solution with one small change in it: its text, where it was changed, and the operator that did it."""

    place: Place
    operator: str
    line: int
    text: str


def make_mutants(solution: str) -> list[Mutant]:
    """Make every mutant of a solution, in the order of its lines, each text once.

    Raises:
        NoCosmicRay: the message says what to install.
    """
    tree = ast.parse(solution)
    marked = marked_lines(solution)
    seen = {_meaning(solution)}
    found: list[Mutant] = []
    for operator, text in [*changes(tree, solution), *cosmic_changes(solution)]:
        meaning = _meaning(text)
        if meaning is None or meaning in seen:
            continue
        seen.add(meaning)
        first, was, now = _difference(solution, text)
        if first in marked:
            found.append(Mutant(Place(_function_at(tree, first), was, now), operator, first, text))
    return _numbered(sorted(found, key=lambda mutant: mutant.line))


def marked_lines(solution: str) -> set[int]:
    """List the numbers of the lines that the learner writes: those between the marks."""
    found: set[int] = set()
    inside = False
    for number, line in enumerate(solution.splitlines(), start=1):
        if END.match(line):
            inside = False
        if inside:
            found.add(number)
        inside = inside or bool(BEGIN.match(line))
    return found


def cosmic_changes(solution: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each of Cosmic Ray's operators with each text that it makes of a solution.

    Raises:
        NoCosmicRay: the message says what to install.
    """
    try:
        from cosmic_ray.mutating import mutate_code  # type: ignore[import-not-found, unused-ignore]
        from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise NoCosmicRay('Mutants are made with Cosmic Ray. Install it: pip install -e ".[mutants]"') from None
    for name in operator_names():
        operator = get_operator(name)
        # Operators with arguments replace variables by random numbers; `_other_names` does it by what is there.
        number = 0
        while not operator.arguments() and (text := mutate_code(solution, operator(), number)) is not None:
            yield name.rpartition("/")[2], text
            number += 1


def changes(tree: ast.Module, solution: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each of our own operators with each text that it makes of a solution."""
    lines = [line.encode() for line in solution.splitlines(keepends=True)]
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            free = {part for node in ast.walk(function) for words in _words(node) for part in ast.walk(words)}
            for node in (node for statement in function.body for node in ast.walk(statement) if node not in free):
                for operator, text in (*_of_node(node), *_other_names(node, function, tree)):
                    yield operator, _with(lines, node, text)


def _of_node(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what stands in a node's place after each of the operators that look at this node alone."""
    match node:
        case ast.With(body=body):
            yield "ContextDropped", _indented("if True:", body, node.col_offset)
        case ast.stmt() if not isinstance(node, ast.Pass):
            yield "StatementDropped", "pass"
    match node:
        case ast.AugAssign(target=target, op=ast.Add() | ast.Sub() as op, value=value):
            other = "-" if isinstance(op, ast.Add) else "+"
            yield "OtherAugmentation", f"{ast.unparse(target)} {other}= {ast.unparse(value)}"
            yield "AugmentationDropped", f"{ast.unparse(target)} = {ast.unparse(value)}"
        case ast.Call():
            yield from _of_call(node)
        case ast.BinOp(left=left, right=right, op=op):
            yield from (("OperandDropped", f"({ast.unparse(side)})") for side in (left, right))
            if type(op) in IN_PLACE:
                yield "InPlace", f"({ast.unparse(left)}).{IN_PLACE[type(op)]}({ast.unparse(right)})"
        case ast.BoolOp(values=values):
            yield from (("OperandDropped", f"({ast.unparse(value)})") for value in values)
        case ast.Slice(lower=lower, upper=upper):
            if lower is not None:
                yield "BoundDropped", f":{ast.unparse(upper) if upper else ''}"
            if upper is not None:
                yield "BoundDropped", f"{ast.unparse(lower) if lower else ''}:"
        case ast.Constant(value=float(value)):
            yield "NumberNudged", repr(value * NUDGE)
        case ast.Constant(value=str(value)) if _like(value):
            yield "LikeName", repr(_like(value))
        case ast.Attribute(value=value, attr=attr) if _like(attr):
            yield "LikeName", f"{ast.unparse(value)}.{_like(attr)}"
        case ast.Name(id=name) if _like(name):
            yield "LikeName", _like(name)
    if isinstance(node, ast.Call | ast.BinOp):
        yield "GraphCut", f"({ast.unparse(node)}).detach()"
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        for value in (True, False):
            yield "ConditionSet", ast.unparse(_copy(node, test=ast.Constant(value)))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) and node.generators[0].ifs:
        generator = _copy(node.generators[0], ifs=[])
        yield "ConditionSet", ast.unparse(_copy(node, generators=[generator, *node.generators[1:]]))


def _of_call(call: ast.Call) -> Iterator[tuple[str, str]]:
    for place in range(len(call.args)):
        yield "ArgumentDropped", ast.unparse(_copy(call, args=call.args[:place] + call.args[place + 1 :]))
        if place:
            swapped = [*call.args[: place - 1], call.args[place], call.args[place - 1], *call.args[place + 1 :]]
            yield "ArgumentsSwapped", ast.unparse(_copy(call, args=swapped))
    for place in range(len(call.keywords)):
        rest = call.keywords[:place] + call.keywords[place + 1 :]
        yield "ArgumentDropped", ast.unparse(_copy(call, keywords=rest))
    if isinstance(call.func, ast.Attribute):
        yield "CallDropped", ast.unparse(call.func.value)
    if call.args:
        yield "CallDropped", f"({ast.unparse(call.args[0])})"


def _other_names(node: ast.AST, function: ast.FunctionDef, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield every other variable that has a value here, attribute of the class, or key of the same dict."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            names = _names_at(node, function)
            yield from (("OtherName", other) for other in sorted(names - {name}) if name in names)
        case ast.Attribute(value=ast.Name(id="self"), attr=attr, ctx=ast.Load()):
            own = _attributes(tree)
            yield from (("OtherName", f"self.{other}") for other in sorted(own - {attr}) if attr in own)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            yield from (("OtherKey", f"{name}[{other!r}]") for other in sorted(_keys(tree, name) - {key}))


def _names_at(place: ast.Name, function: ast.FunctionDef) -> set[str]:
    """List the variables of a function that have a value at a place; those of a comprehension only within it."""
    names = {argument.arg for argument in function.args.args}
    theirs: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inside = any(part is place for part in ast.walk(node))
            for name in (n for generator in node.generators for n in ast.walk(generator.target)):
                theirs.add(name)
                names |= {name.id} if inside and isinstance(name, ast.Name) else set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in theirs:
            names |= {node.id} if node.lineno <= place.lineno else set()
    return names - {"self", "_"}


def _attributes(tree: ast.Module) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def _keys(tree: ast.Module, name: str) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=found_name), slice=ast.Constant(value=str(key))) if found_name == name:
                found.add(key)
    return found


def _like(name: str) -> str:
    """Return the name that this one is mistaken for; the empty string where there is none."""
    return next((pair[name == pair[0]] for pair in LIKE if name in pair), "")


def _copy(node: Node, **fields: object) -> Node:
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def _indented(head: str, body: list[ast.stmt], column: int) -> str:
    lines = [f"    {line}" for statement in body for line in ast.unparse(statement).splitlines()]
    return f"\n{' ' * column}".join([head, *lines])


def _with(lines: list[bytes], node: ast.AST, text: str) -> str:
    """Return a text, given as lines, with something else in a node's place; columns count bytes."""
    assert isinstance(node, ast.expr | ast.stmt)
    assert node.end_lineno is not None
    text = text.replace("\n", "\n" + " " * node.col_offset) if isinstance(node, ast.If | ast.While) else text
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    return (before + text.encode() + after).decode()


class _Silent(ast.NodeTransformer):
    """Takes out what means nothing to a check: annotations of variables, and the words of messages and prints."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return ast.Pass() if _words(node) else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Raise(node.exc.func) if isinstance(node.exc, ast.Call) else node


def _words(node: ast.AST) -> Sequence[ast.AST]:
    """List what a node prints, or what the exception that it raises says."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return [call]
        case ast.Raise(exc=ast.Call(args=words)):
            return words
    return []


def _meaning(text: str) -> str | None:
    """Return what tells two programs apart; None where the text is not a program."""
    try:
        return ast.dump(_Silent().visit(ast.parse(text)))
    except SyntaxError:
        return None


def _difference(old: str, new: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and the lines that differ in either text."""
    before, after = old.splitlines(), new.splitlines()
    start = next(i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start + 1, bare(before[start : len(before) - end]), bare(after[start : len(after) - end])


def bare(lines: list[str]) -> str:
    """Return lines without indentation and comments."""
    return "\n".join(re.sub(r"\s+# .*$", "", line).strip() for line in lines)


def _function_at(tree: ast.Module, line: int) -> str:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            names.append(node.name)
    return ".".join(names)


def _numbered(mutants: list[Mutant]) -> list[Mutant]:
    """Give a number to each of the mutants that make the same change to like lines of one function."""
    met: Counter[Place] = Counter()
    numbered = []
    for mutant in mutants:
        met[mutant.place] += 1
        place = Place(mutant.place.function, mutant.place.was, mutant.place.now, met[mutant.place])
        numbered.append(Mutant(place, mutant.operator, mutant.line, mutant.text))
    return numbered
