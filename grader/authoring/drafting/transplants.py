"""Single operations of a submission, put into the solution: a clamp, a rounding, a factor, a constant.

If a submission is written in another style, hardly any line of it fits the solution. What it does wrong may still be
one operation that the solution doesn't have at all, so each of these is tried on every expression of the solution.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from grader.authoring.drafting.candidates import Candidate, candidate_of
from grader.authoring.drafting.nearness import with_what_it_uses
from grader.authoring.mutation import marked_lines
from grader.course.edits import Change, Program, merge

HOLE = "_hole_"
"""The name that stands for the expression that an operation is applied to."""
MOST_CONSTANTS = 8
LARGEST = 1e9
"""The largest constant that is tried."""
# fmt: off
HARMLESS = frozenset({
    "abs", "bool", "ceil", "clamp", "clamp_max", "clamp_min", "clone", "contiguous", "detach", "double",
    "exp", "flip", "float", "floor", "half", "int", "log", "long", "mean", "nan_to_num", "relu",
    "round", "rsqrt", "sigmoid", "softmax", "sqrt", "square", "squeeze", "sum", "tanh", "transpose",
    "tril", "triu", "trunc", "unsqueeze",
})
# fmt: on
"""Operations that only compute, by their names."""


def transplants(solution: str, submitted: str) -> Iterator[Candidate]:
    """Yield the solution with one operation, or one constant, of a submission in it.

    Args:
        solution: the solution's text.
        submitted: the text of the submission's module.
    """
    try:
        theirs = Program(submitted)
        tree = theirs.tree
    except (SyntaxError, ValueError):
        return
    ours = Program(solution)
    marked = marked_lines(solution)
    places = [
        node
        for node in ast.walk(ours.tree)
        if isinstance(node, ast.expr) and node.lineno in marked and _has_a_value(node)
    ]
    known = {ast.dump(operation) for operation in _operations(ours.tree)}
    operations = {ast.dump(operation): operation for operation in _operations(tree)}
    for name in operations.keys() - known:
        for place in places:
            text = merge(ours, [_at(ours, place, _applied(operations[name], place))])
            text = None if text is None else with_what_it_uses(text, theirs)
            candidate = None if text is None else candidate_of(solution, text, is_ours=_is_harmless(operations[name]))
            if candidate is not None:
                yield candidate
    numbers = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and _is_number(node))
    constants = {ast.unparse(node): node for node in numbers}
    for constant in list(constants.values())[:MOST_CONSTANTS]:
        for place in (node for node in places if isinstance(node, ast.Name | ast.Constant)):
            text = merge(ours, [_at(ours, place, constant)])
            candidate = None if text is None else candidate_of(solution, text)
            if candidate is not None:
                yield candidate


def _has_a_value(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and not isinstance(node, ast.Slice | ast.Tuple)


def _outside_of_messages(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree, without those of exceptions and of texts with values in them."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.Raise | ast.JoinedStr):
            yield node
            waiting += ast.iter_child_nodes(node)


def _is_number(node: ast.Constant) -> bool:
    return isinstance(node.value, bool | int | float | None) and abs(node.value or 0) <= LARGEST


def _is_harmless(operation: ast.expr) -> bool:
    """Say whether an operation can only compute something small, so that it may run outside of a sandbox."""
    for node in ast.walk(operation):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                if name not in HARMLESS:
                    return False
            case ast.BinOp(op=ast.LShift() | ast.RShift()):
                return False
            case ast.BinOp(op=ast.Pow(), right=right):
                if not isinstance(right, ast.Constant) or not isinstance(right.value, int | float) or right.value > 4:
                    return False
            case ast.Constant(value=str() | bytes()):
                return False
            case ast.Constant():
                if not _is_number(node):
                    return False
    return True


def _operations(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what is done to one value with constants only, with a hole in its place."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(), args=args, keywords=words) if _all_fixed(args, words):
                yield _with_hole(node, _owner)
        match node:
            case ast.Call(func=ast.Attribute() | ast.Name(), args=[_, *args], keywords=words) if _all_fixed(
                args, words
            ):
                yield _with_hole(node, _first_argument)
            case ast.BinOp(right=right) if _is_fixed(right):
                yield _with_hole(node, _left)
            case ast.BinOp(left=left) if _is_fixed(left):
                yield _with_hole(node, _right)


def _with_hole(node: ast.expr, put: Callable[[ast.expr], None]) -> ast.expr:
    copied = copy.deepcopy(node)
    put(copied)
    return copied


def _owner(call: ast.expr) -> None:
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    call.func.value = ast.Name(HOLE, ast.Load())


def _left(operation: ast.expr) -> None:
    assert isinstance(operation, ast.BinOp)
    operation.left = ast.Name(HOLE, ast.Load())


def _right(operation: ast.expr) -> None:
    assert isinstance(operation, ast.BinOp)
    operation.right = ast.Name(HOLE, ast.Load())


def _first_argument(call: ast.expr) -> None:
    assert isinstance(call, ast.Call)
    call.args[0] = ast.Name(HOLE, ast.Load())


def _all_fixed(args: list[ast.expr], words: list[ast.keyword]) -> bool:
    return all(_is_fixed(value) for value in (*args, *(word.value for word in words)))


def _is_fixed(node: ast.expr) -> bool:
    """Say whether an expression consists of constants, and of names of modules as in `torch.float32`."""
    return all(
        isinstance(part, ast.Constant | ast.UnaryOp | ast.unaryop | ast.Load) or _is_of_module(part)
        for part in ast.walk(node)
    )


def _is_of_module(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)) or (
        isinstance(node, ast.Name) and node.id in ("torch", "math", "np", "numpy")
    )


def _applied(operation: ast.expr, place: ast.expr) -> ast.expr:
    """Return an operation with an expression in its hole."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(place) if node.id == HOLE else node

    filled = Fill().visit(copy.deepcopy(operation))
    assert isinstance(filled, ast.expr)
    return filled


def _at(ours: Program, place: ast.expr, new: ast.expr) -> Change:
    text = ast.unparse(new)
    return Change(*ours.span(place), f"({text})" if isinstance(new, ast.BinOp) else text)
