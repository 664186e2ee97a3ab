"""Finds the lines of a module that may contain a slip, and repairs them, so that the rest can be checked all the same.

All line numbers stay.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from grader.wire.slips import MAX_SLIPS, Slip, SlipKind

MAX_SOURCE = 160
CUTTING_CALLS = frozenset({"item", "detach"})
LOSSES = frozenset({"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"})
ADDING_CALLS = frozenset({"append", "extend", "add", "update", "insert"})
_TRANSPOSED, _FLATTENING = "__transposed__", "__flattening__"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, ast.Lambda)


def slips_in(tree: ast.Module) -> list[Slip]:
    """List what may be a slip in a module, in the order of the file."""
    return sorted(_candidates(tree), key=lambda slip: (slip.line, slip.column))[:MAX_SLIPS]


def repair(tree: ast.Module, slips: Sequence[Slip]) -> None:
    """Change the tree of a module to what it would be without these slips."""
    _Repair(slips).visit(tree)
    ast.fix_missing_locations(tree)


def tools() -> dict[str, Callable[..., Any]]:
    """Return what the code of a repaired module calls, by name."""
    return {_TRANSPOSED: _transposed, _FLATTENING: _flattening}


def _transposed(value: Any) -> Any:
    """Swap the last two dimensions of a tensor, in place of turning around all of them."""
    if isinstance(value, torch.Tensor) and value.dim() > 2:
        return value.transpose(-2, -1)
    return value.T


def _flattening(loss: Any) -> Any:
    """Return a loss that treats every position of a batch as an example of its own."""
    if isinstance(loss, type):
        return lambda *args, **kwargs: _flattening(loss(*args, **kwargs))

    def flattened(input: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(input, torch.Tensor) and input.dim() > 1 and input[..., 0].numel() == target.numel():
            input, target = input.flatten(0, -2), target.flatten()
        return loss(input, target, *args, **kwargs)

    return flattened


class _Repair(ast.NodeTransformer):
    """Replaces the expressions, and adds the `return` statements, that slips are about."""

    def __init__(self, slips: Sequence[Slip]) -> None:
        self._wanted = {(slip.kind, slip.line, slip.column, slip.source) for slip in slips}

    def visit(self, node: ast.AST) -> Any:
        self.generic_visit(node)
        if isinstance(node, ast.FunctionDef):
            self._add_return(node)
        kind = _kind(node)
        if kind is None or not isinstance(node, ast.expr) or not self._is_wanted(kind, node, node):
            return node
        match kind, node:
            case "transposed", ast.Attribute(value=value) | ast.Call(func=ast.Attribute(value=value)):
                return _call(_TRANSPOSED, value, node)
            case "cut", ast.Attribute(value=value) | ast.Call(func=ast.Attribute(value=value)):
                return value
            case "unflattened", _:
                return _call(_FLATTENING, node, node)
        return node

    def _add_return(self, function: ast.FunctionDef) -> None:
        last = function.body[-1]
        for result in _results(function):
            if self._is_wanted("no_return", last, result):
                returned = ast.copy_location(ast.Return(result), last)
                if isinstance(last, ast.Expr) and result is last.value:
                    function.body[-1] = returned
                else:
                    function.body.append(returned)
                return

    def _is_wanted(self, kind: SlipKind, node: ast.expr | ast.stmt, source: ast.expr) -> bool:
        return _key(kind, node, source) in self._wanted


def _key(kind: SlipKind, node: ast.expr | ast.stmt, source: ast.expr) -> tuple[SlipKind, int, int, str]:
    return kind, node.lineno, node.col_offset, ast.unparse(source)[:MAX_SOURCE]


def _call(name: str, argument: ast.expr, instead_of: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [argument], []), instead_of)


def _candidates(tree: ast.Module) -> Iterator[Slip]:
    """List what may be a slip in a module."""
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, function = waiting.pop()
        kind = _kind(node)
        if kind is not None and isinstance(node, ast.expr):
            _, line, column, source = _key(kind, node, node)
            yield Slip(kind, line, column, function, source)
        if isinstance(node, ast.FunctionDef):
            function = node.name
            for result in _results(node):
                _, line, column, source = _key("no_return", node.body[-1], result)
                yield Slip("no_return", line, column, function, source)
        waiting += [(child, function) for child in ast.iter_child_nodes(node)]


def _kind(node: ast.AST) -> SlipKind | None:
    match node:
        case ast.Attribute(attr="T", ctx=ast.Load()) | ast.Call(func=ast.Attribute(attr="t"), args=[], keywords=[]):
            return "transposed"
        case ast.Call(func=ast.Attribute(attr=name), args=[], keywords=[]) if name in CUTTING_CALLS:
            return "cut"
        case ast.Attribute(attr="data", ctx=ast.Load()):
            return "cut"
        case ast.Attribute(attr=name, ctx=ast.Load()) | ast.Name(id=name, ctx=ast.Load()) if name in LOSSES:
            return "unflattened"
    return None


def _results(function: ast.FunctionDef) -> list[ast.expr]:
    """List what a function without a `return` may have been meant to return; nothing if it has one.

    That is first what it computes and never reads, and then the value of its last statement.
    """
    inside = list(_inside(function))
    if function.name.startswith("__") and function.name != "__call__":
        return []
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside):
        return []
    if any(isinstance(node, ast.Return) and node.value is not None for node in inside):
        return []
    unread: list[ast.expr] = [ast.Name(name, ast.Load()) for name in _unread(inside)]
    results: list[ast.expr] = [ast.Tuple(unread, ast.Load()), *unread[-1:]] if len(unread) > 1 else unread
    last: ast.stmt = function.body[-1]
    while isinstance(last, ast.With):
        last = last.body[-1]
    match last:
        case ast.Expr(value=value) if not isinstance(value, ast.Constant) and last is function.body[-1]:
            results.append(value)
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            results += _loaded(target)
        case ast.For() | ast.While():
            results += [ast.Name(name, ast.Load()) for name in _changed(last)]
    distinct = {ast.unparse(result): result for result in results}
    return list(distinct.values())


def _changed(loop: ast.stmt) -> list[str]:
    """List the variables that a loop adds to or changes in place."""
    names = []
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()) | ast.AugAssign(target=ast.Name(id=name)):
                names.append(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in ADDING_CALLS:
                names.append(name)
    return list(dict.fromkeys(names))


def _unread(inside: Sequence[ast.AST]) -> list[str]:
    """List the variables of a function that it sets or adds to, but never reads, in the order of the code."""
    added_to = set()
    for node in inside:
        match node:
            case ast.Subscript(value=value, ctx=ast.Store()):
                added_to.add(id(value))
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in ADDING_CALLS:
                added_to.add(id(value))
    names = [node for node in inside if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load) and id(node) not in added_to}
    set_here = sorted((node.lineno, node.col_offset, node.id) for node in names if isinstance(node.ctx, ast.Store))
    return list(dict.fromkeys(name for _, _, name in set_here if name not in read and not name.startswith("_")))


def _loaded(target: ast.expr) -> list[ast.expr]:
    """Return the expression that reads what an assignment sets; none if that can't be said."""
    if not isinstance(target, ast.Name | ast.Attribute | ast.Tuple):
        return []
    return [ast.copy_location(ast.parse(ast.unparse(target), mode="eval").body, target)]


def _inside(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """List the nodes of a function, but not those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)
