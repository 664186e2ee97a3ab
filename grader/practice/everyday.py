"""Operators for everyday slips: a wrong sign, comparison, number, dimension, or a condition the wrong way round.

Mutants of solutions get these from Cosmic Ray, which learners don't have.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.practice.operators import Replacement, nodes_of_functions

_OTHER: dict[type[ast.operator] | type[ast.cmpop] | type[ast.unaryop], tuple[str, ...]] = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("/",),
    ast.Div: ("*",),
    ast.FloorDiv: ("*",),
    ast.Pow: ("*",),
    ast.MatMult: ("*",),
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
_DIMENSIONS = ("dim", "dim0", "dim1", "axis")
_BY_POSITION = ("transpose", "unsqueeze", "squeeze", "flatten", "swapaxes", "softmax", "cumsum", "argmax", "size")
"""Methods whose whole numbers are dimensions."""


def everyday_replacements(tree: ast.Module) -> Iterator[Replacement]:
    """Yield what these operators replace a node with, for every node of every function."""
    for _, node in nodes_of_functions(tree):
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                for sign in _OTHER.get(type(op), ()):
                    yield Replacement("OtherOperator", node, f"{written(left)} {sign} {written(right)}")
            case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                yield Replacement("OtherOperator", node, written(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                for sign in _OTHER.get(type(op), ()):
                    yield Replacement("OtherComparison", node, f"{written(left)} {sign} {written(right)}")
            case ast.If(test=test) | ast.IfExp(test=test):
                reversed_test = test.operand if isinstance(test, ast.UnaryOp) else ast.UnaryOp(ast.Not(), test)
                yield Replacement("ConditionReversed", test, ast.unparse(reversed_test))
            case ast.Call():
                yield from _dimensions(node)
    yield from _numbers(tree)


def _dimensions(call: ast.Call) -> Iterator[Replacement]:
    """Replace the dimensions in a call by the one next to it, or the last by the first."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = [word.value for word in call.keywords if word.arg in _DIMENSIONS]
    given += [argument for argument in call.args if name in _BY_POSITION]
    for value in given:
        number = _whole(value)
        if number is not None:
            others = (0, -2) if number == -1 else (number - 1, number + 1)
            yield from (Replacement("OtherDimension", value, str(other)) for other in others)


def _numbers(tree: ast.Module) -> Iterator[Replacement]:
    """Replace whole numbers by the next one up or down, and others by ten times or twice as much, or half."""
    nodes = list(nodes_of_functions(tree))
    dimensions = {
        value
        for _, call in nodes
        if isinstance(call, ast.Call)
        for replaced in _dimensions(call)
        for value in ast.walk(replaced.node)
    }
    for _, node in nodes:
        if node in dimensions or not isinstance(node, ast.Constant) or isinstance(node.value, bool):
            continue
        if isinstance(node.value, int):
            yield from (Replacement("OtherNumber", node, str(node.value + step)) for step in (1, -1))
        elif isinstance(node.value, float) and node.value:
            yield from (Replacement("OtherNumber", node, repr(node.value * factor)) for factor in (10, 2, 0.5))


def _whole(node: ast.expr) -> int | None:
    """Return the whole number that an expression is, such as -1; None if it isn't one."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
    return None


def written(node: ast.expr) -> str:
    """Write an expression so that an operator can be next to it."""
    text = ast.unparse(node)
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return text if simple else f"({text})"
