"""Lets the free parts of a learner's functions fail without ending the function.

A sample text after an epoch, a plot, a file that is saved: an exercise may leave such things free. Its course names
them (`Free`), and this module finds the statements that they are in, from the text of the code. Each of these
statements becomes the block of a `with`, which notes an exception instead of passing it on. All line numbers stay.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import torch

from grader.wire.free import Free

NAME = "__free_code__"
"""The name in a learner's module of the object whose `with` blocks may fail."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SETTING = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)
_SIMPLE = (*_SETTING, ast.Expr, ast.AugAssign, ast.Delete)
_LEAVING_LOOPS = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)
_LEAVING = (*_LEAVING_LOOPS, ast.Break, ast.Continue)
_Block = list[ast.stmt]


class FreeCode:
    """The context in which free statements run.

    Args:
        kept: the objects that the learner's code works with, by number; a failure leaves the modules among them in the
            mode that they were in.
        note: what to do with an exception, which is not passed on.
    """

    def __init__(self, kept: Mapping[int, Any], note: Callable[[Exception], None]) -> None:
        self._kept, self._note = kept, note
        self._before: list[tuple[list[tuple[torch.nn.Module, bool]], bool]] = []

    def __enter__(self) -> None:
        modules = [kept for kept in self._kept.values() if isinstance(kept, torch.nn.Module)]
        self._before.append(([(module, module.training) for module in modules], torch.is_grad_enabled()))

    def __exit__(self, kind: object, error: BaseException | None, traceback: TracebackType | None) -> bool:
        modes, gradients = self._before.pop()
        if not isinstance(error, Exception):
            return False
        # What failed would have switched the model back.
        for module, training in modes:
            module.train(training)
        torch.set_grad_enabled(gradients)
        self._note(error)
        return True


def guard_free_code(tree: ast.Module, free: Free) -> None:
    """Put the free statements in the functions of a module into `with` blocks.

    Raises:
        RecursionError: the code is too deeply nested.
    """
    if free.names or free.calls:
        _Module(tree, free).guard()


class _Module:
    """A module whose functions contain free statements."""

    def __init__(self, tree: ast.Module, free: Free) -> None:
        self.tree, self.free = tree, free
        self._origins = dict(_origins(tree))

    def guard(self) -> None:
        """Guard the free statements in all functions."""
        self._descend(self.tree.body, frozenset(), frozenset())

    def _descend(self, block: _Block, samples: frozenset[str], essential: frozenset[str]) -> None:
        """Guard the functions that are defined in a block, at any depth."""
        for node in block:
            if isinstance(node, _FUNCTIONS):
                scope = _Scope(node, self, samples, essential)
                self._descend(node.body, scope.samples, scope.essential)
                node.body = scope.guarded(node.body)
            else:
                for inner in _blocks(node):
                    self._descend(inner, samples, essential)

    def is_tool(self, node: ast.expr, tools: set[str]) -> bool:
        """Say whether an expression calls a function that is free, or uses what such a call returned."""
        if not isinstance(node, ast.Call):
            return False
        parts: list[str] = []
        inner: ast.expr = node
        while not isinstance(inner, ast.Name):
            match inner:
                case ast.Attribute(value=value, attr=attr):
                    parts.insert(0, attr)
                    inner = value
                case ast.Call(func=func):
                    parts.clear()
                    inner = func
                case ast.Subscript(value=value):
                    parts.clear()
                    inner = value
                case _:
                    return False
        if inner.id in tools:
            return True
        dotted = ".".join([self._origins.get(inner.id, inner.id), *parts])
        return any(f"{name}.".startswith(f"{call}.") for call in self.free.calls for name in (inner.id, dotted))


class _Scope:
    """One function: which of its statements are free.

    Attributes:
        samples: the variables that only free statements set, from names that are free.
        essential: the variables that come from names that are not.
    """

    def __init__(
        self,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        module: _Module,
        samples: frozenset[str],
        essential: frozenset[str],
    ) -> None:
        self._module = module
        self._names = frozenset(module.free.names) | samples
        self._unless = frozenset(module.free.unless) | essential
        self._all = list(_statements(function.body))
        self._read = {node: _read(node) for node in self._all}
        self._words = {node: self._read[node] | _members(node) for node in self._all}
        self._bound = {node: _bound(node) for node in self._all}
        parameters = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
        self.essential = self._essential()
        sampling, variables = self._forward(parameters)
        self._sampling = sampling | self._backward(sampling)
        self.samples = frozenset(variables)
        self._free = self._sampling | self._tool_statements()

    def _essential(self) -> frozenset[str]:
        """Find the variables that come from names that are not free."""
        essential = set(self._unless)
        size = 0
        while size != len(essential):
            size = len(essential)
            for node in self._all:
                if self._words[node] & essential:
                    essential |= self._bound[node]
        return frozenset(essential)

    def _may_be_free(self, node: ast.stmt) -> bool:
        """Say whether nothing in a statement speaks against its being free."""
        against = self.essential if self._bound[node] else self._unless
        return not isinstance(node, _LEAVING) and not self._words[node] & against

    def _forward(self, parameters: set[str]) -> tuple[set[ast.stmt], set[str]]:
        """Find the statements that use a free name, or a variable that only such statements set."""
        free = {node for node in self._all if self._may_be_free(node)}
        while True:
            others = set(parameters).union(*(self._bound[node] for node in self._all if node not in free))
            variables = set().union(*(self._bound[node] for node in free)) - others
            kept = {node for node in free if self._words[node] & self._names or self._read[node] & variables}
            if kept == free:
                return kept, variables
            free = kept

    def _backward(self, sampling: set[ast.stmt]) -> set[ast.stmt]:
        """Find the statements that only set variables for the sample."""
        more: set[ast.stmt] = set()
        while True:
            free = sampling | more
            added = {node for node in self._all if node not in free and self._only_serves(node, free)}
            if not added:
                return more
            more |= added

    def _only_serves(self, node: ast.stmt, free: set[ast.stmt]) -> bool:
        if not isinstance(node, _SETTING) or not self._may_be_free(node):
            return False
        readers = [other for other in self._all if other is not node and self._read[other] & self._bound[node]]
        return bool(readers) and free.issuperset(readers)

    def _tool_statements(self) -> set[ast.stmt]:
        """Find the statements that call a free function, or a method of what such a call returned."""
        variables: set[str] = set()
        while True:
            served = {node for node in self._all if self._calls_tool(node, variables)}
            others: set[str] = set().union(*(self._bound[node] for node in self._all if node not in served))
            more = set().union(*(self._bound[node] for node in served)) - others
            if more == variables:
                return served
            variables = more

    def _calls_tool(self, node: ast.stmt, variables: set[str]) -> bool:
        match node:
            case ast.Expr(value=value) | ast.Assign(value=value):
                return self._module.is_tool(value, variables)
            case ast.With(items=items):
                return any(self._module.is_tool(item.context_expr, variables) for item in items)
        return False

    def guarded(self, block: _Block) -> _Block:
        """Put each free statement of a block into a `with`."""
        return [self._guarded(node) for node in block]

    def _guarded(self, node: ast.stmt) -> ast.stmt:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            return node
        harmless = self._is_harmless(node)
        if not self._may_never_end(node):
            for block in _blocks(node):
                block[:] = self.guarded(block)
        if node not in self._free or not harmless:
            return node
        name = ast.Name(NAME, ast.Load())
        guard = ast.With([ast.withitem(name)], [node])
        return ast.fix_missing_locations(ast.copy_location(guard, node))

    def _may_never_end(self, node: ast.stmt) -> bool:
        """Say whether a loop waits for something that free statements do, and that never comes if one of them fails."""
        if not isinstance(node, ast.While):
            return False
        ends = [
            part for part in _statements(node.body) if any(isinstance(inner, ast.Break) for inner in ast.walk(part))
        ]
        return not self._free.isdisjoint([node, *ends])

    def _is_harmless(self, node: ast.stmt) -> bool:
        """Say whether the rest of the function doesn't need what a statement does."""
        leaving = _LEAVING if not isinstance(node, ast.While | ast.For) else _LEAVING_LOOPS
        if any(isinstance(part, leaving) for part in ast.walk(node)):
            return False
        if isinstance(node, _SIMPLE):
            return True
        inside = list(_statements([node]))
        if any(self._words[part] & self._unless for part in inside):
            return False
        set_here = set().union(*(self._bound[part] for part in inside))
        return not any(self._read[other] & set_here for other in self._all if other not in inside)


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """List the names that imports bind, with what they mean: `plt`, `matplotlib.pyplot`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _blocks(node: ast.AST) -> Iterator[_Block]:
    """List the blocks of statements inside a statement."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _statements(block: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """List the statements of a function at every depth, without those of functions and classes inside it."""
    for node in block:
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            for inner in _blocks(node):
                yield from _statements(inner)


def _parts(node: ast.stmt) -> Iterator[ast.AST]:
    """List the nodes of a statement itself, without the statements in it; of a function, those of its whole body."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield from ast.walk(node)
        return
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield from ast.walk(child)


def _read(node: ast.stmt) -> frozenset[str]:
    """List the variables that a statement reads."""
    read = {part.id for part in _parts(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        read.add(node.target.id)
    return frozenset(read)


def _members(node: ast.stmt) -> frozenset[str]:
    """List the names of attributes and keys in a statement."""
    members: set[str] = set()
    for part in _parts(node):
        match part:
            case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
                members.add(name)
    return frozenset(members)


def _bound(node: ast.stmt) -> frozenset[str]:
    """List the variables that a statement sets."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return frozenset((node.name,))
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    # The variables of a comprehension are gone with it.
    targets = [part.target for part in _parts(node) if isinstance(part, ast.comprehension)]
    inner = {part for target in targets for part in ast.walk(target)}
    stored = (part for part in _parts(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return frozenset(part.id for part in stored if part not in inner)
