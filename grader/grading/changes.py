"""Says which objects a statement changes when it runs, as far as its code shows; nothing is executed.

`TABLE.append(1)`, also in a loop, a `with` or a comprehension; `A.b = 1`; `setattr(A, "b", 1)`; `register(A)`, where
the notebook's own `register` changes what it is given, or a list of its own; `@add_to_class(A)` above a function.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = Function | ast.ClassDef

MUTATORS = frozenset(
    {
        *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "register"),
        *("remove", "reverse", "setdefault", "sort", "update", "__setitem__", "__delitem__", "__setattr__"),
    }
)
"""Methods that change the object they belong to, wherever they are mentioned: `map(TABLE.append, …)`."""

CHANGING = re.compile(
    r"^(setattr|delattr|(heap|insort|shuffle|register|patch|monkey|attach|install|inject|override|update|fill|extend|bind"
    r"|mount|apply|add_|set_|add$|push|copyto|put).*|.*[a-z]_)$"
)
"""Names of functions from elsewhere that change an object they are given."""

ANNOTATION_READERS = frozenset({"__annotations__", "get_type_hints", "get_annotations", "signature"})

NAMESPACES = ("globals", "vars", "locals")
ANY_NAME = "*"
MAX_DEPTH = 8
"""How many functions that call one another are followed."""


@dataclass(frozen=True)
class Changes:
    """What a statement changes.

    Attributes:
        objects: the names of the objects that it changes.
        attributes: the names of the attributes that it sets.
        bound: the module's names that it binds in another way than by an assignment, such as `globals()["A"] = 1`;
            `ANY_NAME` if the code doesn't show which.
    """

    objects: frozenset[str]
    attributes: frozenset[str]
    bound: frozenset[str]


@dataclass
class _Changes:
    objects: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    of_module: Mapping[str, set[str]] = field(default_factory=dict)


def definitions_in(nodes: Iterable[ast.stmt]) -> Iterator[tuple[str, Definition]]:
    """List the functions and classes that statements define at the top level, also under `if`, `try` and `with`."""
    waiting = deque[ast.AST](nodes)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, Definition):
            yield node.name, node
        else:
            waiting += ast.iter_child_nodes(node)


def changes_of(
    nodes: Sequence[ast.stmt], definitions: Mapping[str, Definition], aliases: Mapping[str, set[str]] | None = None
) -> Changes:
    """Say what statements change when they run.

    Args:
        nodes: the statements.
        definitions: the functions and classes of the notebook, by name.
        aliases: names of the module that are other names for objects.
    """
    changes = _Changes(of_module=aliases or {})
    _look(list(executed(nodes)), definitions, changes, MAX_DEPTH)
    return Changes(frozenset(changes.objects), frozenset(changes.attributes), frozenset(changes.bound))


def aliases_of(nodes: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """List what statements give a second name by a plain assignment: `short = LONG`, `table = LayerNorm.table`."""
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute | ast.Subscript):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield from ((target.id, root) for root in _roots(node.value))


def executed(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk what runs when statements run: without the bodies of functions, but with their decorators and defaults."""
    waiting = deque[ast.AST](nodes)
    while waiting:
        node = waiting.popleft()
        yield node
        if isinstance(node, Function):
            waiting += [*node.decorator_list, *node.args.defaults, *(each for each in node.args.kw_defaults if each)]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _look(nodes: Sequence[ast.AST], definitions: Mapping[str, Definition], changes: _Changes, depth: int) -> None:
    for node in nodes:
        _note_alias(node, changes)
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            _change(changes, _roots(node))
            changes.attributes.add(_last_attribute(node))
            if isinstance(node, ast.Subscript) and _is_namespace(node.value):
                changes.bound.add(_text_in(node.slice) or ANY_NAME)
        elif isinstance(node, ast.Attribute) and node.attr in MUTATORS:
            _change(changes, _roots(node))
            changes.attributes.add(_last_attribute(node.value))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if isinstance(node.value.func, ast.Attribute):
                _change(changes, _roots(node.value.func))
        elif isinstance(node, ast.Call):
            _look_at_call(node, definitions, changes, depth)
        elif isinstance(node, Definition):
            _look_at_decorators(node, definitions, changes, depth)
            _look_at_annotations(node, definitions, changes)
            if isinstance(node, ast.ClassDef):
                _look_at_bases(node, definitions, changes, depth)


def _note_alias(node: ast.AST, changes: _Changes) -> None:
    """Note a name that stands for an object within a statement: `for cls in (A, B)`, `with lock as x`, `t = TABLE`."""
    targets: list[ast.expr] = []
    value: ast.expr | None = None
    match node:
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            targets = [target]
        case ast.withitem(optional_vars=ast.expr() as target, context_expr=value):
            targets = [target]
        case ast.Assign(targets=targets, value=ast.Name() | ast.Attribute() | ast.Subscript() as value):
            pass
    if value is None:
        return
    names = {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    of = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
    for name in names:
        changes.aliases.setdefault(name, set()).update(of - {name})


def _change(changes: _Changes, names: Iterable[str]) -> None:
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in changes.objects:
            changes.objects.add(name)
            waiting += changes.aliases.get(name, set()) | changes.of_module.get(name, set())


def _look_at_call(call: ast.Call, definitions: Mapping[str, Definition], changes: _Changes, depth: int) -> None:
    match call.func:
        case ast.Name(id="setattr" | "delattr"):
            if call.args:
                _change(changes, _roots(call.args[0]))
            if len(call.args) > 1:
                changes.attributes.add(_text_in(call.args[1]) or ANY_NAME)
        case ast.Name(id="exec"):
            changes.bound |= _bound_by_text(call)
        case ast.Name(id="map") if call.args and isinstance(call.args[0], ast.Name):
            given = ast.Call(func=call.args[0], args=call.args[1:], keywords=[])
            _look_at_call(given, definitions, changes, depth)
        case ast.Name(id=name) if name in definitions:
            _follow(call, definitions[name], definitions, changes, depth)
        case ast.Attribute(attr="update", value=value) if _is_namespace(value):
            changes.bound |= {keyword.arg or ANY_NAME for keyword in call.keywords}
            changes.bound |= {ANY_NAME} if call.args else set()
        case ast.Name(id=name) | ast.Attribute(attr=name) if CHANGING.match(name):
            _change(changes, (root for argument in call.args for root in _roots(argument)))
        case ast.Call(func=ast.Name(id=name), args=arguments) if isinstance(definitions.get(name), ast.ClassDef):
            _change(changes, (root for argument in arguments for root in _roots(argument)))


def _follow(
    call: ast.Call, definition: Definition, definitions: Mapping[str, Definition], changes: _Changes, depth: int
) -> None:
    """Look at what a function of the notebook changes: arguments that it is given, and the module's own objects."""
    function, skip = _function_of(definition, "__init__")
    if function is None or depth == 0:
        return
    inner = _inside(function, definitions, depth - 1)
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]][skip:]
    given: list[tuple[str, ast.expr]] = list(zip(names, call.args, strict=False))
    if function.args.vararg:
        given += [(function.args.vararg.arg, argument) for argument in call.args[len(names) :]]
    given += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]
    for name, argument in given:
        if name in inner.objects:
            _change(changes, _roots(argument))
    _take_over(function, inner, changes)


def _inside(function: Function, definitions: Mapping[str, Definition], depth: int) -> _Changes:
    """Look at the whole body of a function, with the functions in it."""
    inner = _Changes()
    _look([node for statement in function.body for node in ast.walk(statement)], definitions, inner, depth)
    return inner


def _take_over(function: Function, inner: _Changes, changes: _Changes) -> None:
    """Take over what a call of a function does to the module: changed objects, and names that it declares global."""
    nodes = list(ast.walk(function))
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    local = {node.arg for node in nodes if isinstance(node, ast.arg)}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    stored |= {node.name for node in nodes if isinstance(node, Definition) and node is not function}
    local |= stored
    _change(changes, inner.objects - (local - declared))
    changes.attributes |= inner.attributes
    changes.bound |= inner.bound | (declared & stored)


def _look_at_decorators(node: Definition, definitions: Mapping[str, Definition], changes: _Changes, depth: int) -> None:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            changes.attributes.add(node.name)
            arguments = [*decorator.args, *(keyword.value for keyword in decorator.keywords)]
            _change(changes, (root for argument in arguments for root in _roots(argument)))
            _change(changes, _roots(decorator.func) if isinstance(decorator.func, ast.Attribute) else ())
        elif isinstance(decorator, ast.Attribute):
            _change(changes, _roots(decorator))
        elif isinstance(decorator, ast.Name) and decorator.id in definitions:
            given = ast.Call(func=decorator, args=[], keywords=[])
            _follow(given, definitions[decorator.id], definitions, changes, depth)


def _look_at_annotations(node: Definition, definitions: Mapping[str, Definition], changes: _Changes) -> None:
    """Look at a function whose decorator adds it to the class of its first parameter: `def forward(self: A, x)`."""
    names = {name for decorator in node.decorator_list if (name := _name_of(decorator))}
    patches = any(CHANGING.match(name) or _reads_annotations(definitions.get(name)) for name in names)
    if patches and isinstance(node, Function):
        changes.attributes.add(node.name)
        for argument in [*node.args.posonlyargs, *node.args.args]:
            if argument.annotation is not None:
                _change(changes, _roots(argument.annotation))
                _change(changes, {_text_in(argument.annotation)} - {""})


def _name_of(decorator: ast.expr) -> str:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _reads_annotations(definition: Definition | None) -> bool:
    names = {getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(definition)} if definition else set()
    return not names.isdisjoint(ANNOTATION_READERS)


def _look_at_bases(node: ast.ClassDef, definitions: Mapping[str, Definition], changes: _Changes, depth: int) -> None:
    """Look at what a class's base class or metaclass does when the class is created."""
    for part in [*node.bases, *(keyword.value for keyword in node.keywords)]:
        for root in _roots(part):
            base = definitions.get(root)
            for name in ("__init_subclass__", "__new__", "__init__"):
                is_metaclass = any(keyword.value is part for keyword in node.keywords)
                if isinstance(base, ast.ClassDef) and (name == "__init_subclass__" or is_metaclass) and depth:
                    function, _ = _function_of(base, name)
                    if function is not None:
                        _take_over(function, _inside(function, definitions, depth - 1), changes)


def _function_of(definition: Definition, method: str) -> tuple[Function | None, int]:
    """Return the function that a call runs, and how many of its parameters the caller doesn't give."""
    if isinstance(definition, Function):
        return definition, 0
    methods = (node for node in definition.body if isinstance(node, Function) and node.name == method)
    return next(methods, None), 1


def _roots(node: ast.expr) -> Iterator[str]:
    """List the names of the objects that an expression is, or is a part of: `A.b[0]` is a part of `A`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for part in node.elts:
            yield from _roots(part)


def _last_attribute(node: ast.expr) -> str:
    """Return the name of the attribute that changes: `environ` in `os.environ["A"] = "1"`; empty if there is none."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else ""


def _is_namespace(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMESPACES and not node.args
    )


def _text_in(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _bound_by_text(call: ast.Call) -> set[str]:
    """Return the names that `exec` binds in the module."""
    text = _text_in(call.args[0]) if len(call.args) == 1 else ""
    if not text:
        return {ANY_NAME}
    try:
        nodes = list(executed(ast.parse(text).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.name for node in nodes if isinstance(node, Definition)}
