"""Operators on a program's syntax tree: what goes wrong in tensor code.

An argument is left out or in the wrong order, a statement is forgotten, the wrong variable or the wrong one of two
similar functions is used, the graph is cut, a tensor is overwritten. Mutants of the solutions are made with them, and
bugs in a learner's own code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

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
"""Names that are easily mixed up."""


@dataclass(frozen=True)
class Replacement:
    """What replaces a node of a function: the name of the operator, and the new text."""

    operator: str
    node: ast.AST
    text: str


def changes(tree: ast.Module, program: str) -> Iterator[tuple[str, str]]:
    """Yield each change that our own operators make to a program: the operator's name and the new text."""
    lines = [line.encode() for line in program.splitlines(keepends=True)]
    for replacement in replacements(tree):
        yield replacement.operator, _with(lines, replacement.node, replacement.text)


def replacements(tree: ast.Module) -> Iterator[Replacement]:
    """Yield what our own operators replace a node with, for every node of every function."""
    for function, node in nodes_of_functions(tree):
        for operator, text in (*_of_node(node), *_other_names(node, function, tree)):
            yield Replacement(operator, node, text)


def nodes_of_functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.AST]]:
    """Yield every function with each node in it, except the words of messages and prints."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            free = {part for node in ast.walk(function) for words in _words(node) for part in ast.walk(words)}
            yield from (
                (function, node) for statement in function.body for node in ast.walk(statement) if node not in free
            )


def _of_node(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what replaces a node, for each operator that looks only at this node."""
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
    for index in range(len(call.args)):
        yield "ArgumentDropped", ast.unparse(_copy(call, args=call.args[:index] + call.args[index + 1 :]))
        if index:
            swapped = [*call.args[: index - 1], call.args[index], call.args[index - 1], *call.args[index + 1 :]]
            yield "ArgumentsSwapped", ast.unparse(_copy(call, args=swapped))
    for index in range(len(call.keywords)):
        rest = call.keywords[:index] + call.keywords[index + 1 :]
        yield "ArgumentDropped", ast.unparse(_copy(call, keywords=rest))
    if isinstance(call.func, ast.Attribute):
        yield "CallDropped", ast.unparse(call.func.value)
    if call.args:
        yield "CallDropped", f"({ast.unparse(call.args[0])})"


def _other_names(node: ast.AST, function: ast.FunctionDef, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield every other variable with a value here, attribute of the class, or key of the same dict."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            names = _names_at(node, function)
            yield from (("OtherName", other) for other in sorted(names - {name}) if name in names)
        case ast.Attribute(value=ast.Name(id="self"), attr=attr, ctx=ast.Load()):
            attributes = _attributes(tree)
            yield from (("OtherName", f"self.{other}") for other in sorted(attributes - {attr}) if attr in attributes)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            yield from (("OtherKey", f"{name}[{other!r}]") for other in sorted(_keys(tree, name) - {key}))


def _names_at(position: ast.Name, function: ast.FunctionDef) -> set[str]:
    """Return the variables of a function that have a value at a position; a comprehension's only inside it."""
    names = {argument.arg for argument in function.args.args}
    in_comprehensions: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inside = any(part is position for part in ast.walk(node))
            for name in (n for generator in node.generators for n in ast.walk(generator.target)):
                in_comprehensions.add(name)
                names |= {name.id} if inside and isinstance(name, ast.Name) else set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in in_comprehensions:
            names |= {node.id} if node.lineno <= position.lineno else set()
    return names - {"self", "_"}


def _attributes(tree: ast.Module) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def _keys(tree: ast.Module, name: str) -> set[str]:
    keys = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=dict_name), slice=ast.Constant(value=str(key))) if dict_name == name:
                keys.add(key)
    return keys


def _like(name: str) -> str:
    """Return the name that is easily mixed up with this one, or an empty string."""
    return next((pair[name == pair[0]] for pair in LIKE if name in pair), "")


def _copy(node: Node, **fields: object) -> Node:
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def _indented(head: str, body: list[ast.stmt], column: int) -> str:
    lines = [f"    {line}" for statement in body for line in ast.unparse(statement).splitlines()]
    return f"\n{' ' * column}".join([head, *lines])


def _with(lines: list[bytes], node: ast.AST, text: str) -> str:
    """Return the text of some lines, with a node replaced; columns count bytes."""
    assert isinstance(node, ast.expr | ast.stmt)
    assert node.end_lineno is not None
    text = text.replace("\n", "\n" + " " * node.col_offset) if isinstance(node, ast.If | ast.While) else text
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    return (before + text.encode() + after).decode()


class _Silent(ast.NodeTransformer):
    """Removes what no check looks at: annotations of variables, and the words of messages and prints."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return ast.Pass() if _words(node) else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Raise(node.exc.func) if isinstance(node.exc, ast.Call) else node


def _words(node: ast.AST) -> Sequence[ast.AST]:
    """Return what a node prints, or what the exception that it raises says."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return [call]
        case ast.Raise(exc=ast.Call(args=words)):
            return words
    return []


def meaning_of(text: str) -> str | None:
    """Return a form in which equal programs are equal; None if the text isn't a program."""
    try:
        return ast.dump(_Silent().visit(ast.parse(text)))
    except SyntaxError:
        return None
