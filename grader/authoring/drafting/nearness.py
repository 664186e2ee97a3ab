"""The difference between a submission's functions and the solution's, as edits of the solution.

Learners choose other names for their variables. So the statements of both functions are matched first, with all names
left out, and what the matched ones call things says which name means which. Then the submission's statements, with the
solution's names, are compared with the solution's; each difference may be the mistake, and so may several together.
"""

from __future__ import annotations

import ast
import builtins
import copy
import difflib
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grader.authoring.drafting.candidates import Candidate, candidate_of
from grader.course.edits import Change, Program, merge

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
MOST_DIFFERENCES = 10
"""The most differences of which pairs and triples are tried."""

SIMILAR = 0.7
"""How much of two statements has to be the same, apart from names, so that they may set the same variable."""


@dataclass(frozen=True)
class _Block:
    """Statements of the solution that can be replaced: those of a body from `first` up to `last`."""

    body: Sequence[ast.stmt]
    first: int
    last: int


def near_edits(solution: str, submitted: str) -> Iterator[Candidate]:
    """Yield edits that bring the solution nearer to a submission, and at last the submission's own functions.

    Args:
        solution: the solution's text.
        submitted: the text of the submission's module.
    """
    try:
        theirs = Program(submitted)
        theirs.tree  # noqa: B018
    except (SyntaxError, ValueError):
        return
    ours = Program(solution)
    seen: set[str] = set()
    for changes, is_own_code in _choices(ours, theirs):
        text = merge(ours, changes)
        text = None if text is None else with_what_it_uses(text, theirs)
        candidate = None if text is None else candidate_of(solution, text, is_ours=False, is_own_code=is_own_code)
        if candidate is not None and candidate.text not in seen:
            seen.add(candidate.text)
            yield candidate


def own_code(solution: str, submitted: str) -> Candidate | None:
    """Return the whole submission as an edit of the solution; None if it can't be written as one."""
    return candidate_of(solution, submitted, is_ours=False, is_own_code=True)


def _choices(ours: Program, theirs: Program) -> Iterator[tuple[list[Change], bool]]:
    """Yield the changes to make together, and whether they replace whole functions."""
    pairs = [
        (name, node, other)
        for name, node in ours.definitions.items()
        if isinstance(node, Function)
        for other in [theirs.definitions.get(name)]
        if isinstance(other, Function)
    ]
    differences: list[list[Change]] = []
    whole: list[list[Change]] = []
    for name, node, other in pairs:
        renamed = _with_names_of(node, other)
        differences += _differences(ours, _statements(node), _statements(renamed))
        if ast.dump(_nameless(node)) != ast.dump(_nameless(renamed)):
            body = _Block(node.body, len(node.body) - len(_statements(node)), len(node.body))
            statements = [*_more_arguments(node, renamed), *_statements(renamed)]
            whole.append([_replaced(ours, body, statements), *_helpers(ours, theirs, name)])
    yield from (([*changes], False) for changes in differences)
    for count in (2, 3):
        if len(differences) <= MOST_DIFFERENCES:
            for chosen in itertools.combinations(differences, count):
                yield list(itertools.chain.from_iterable(chosen)), False
    for count in range(1, len(whole) + 1):
        for chosen in itertools.combinations(whole, count):
            # Several functions may need the same helper.
            yield list(dict.fromkeys(itertools.chain.from_iterable(chosen))), True


def _more_arguments(mine: Function, other: Function) -> list[ast.stmt]:
    """Write the optional arguments that only the other function has as variables with their default values."""
    count = len(other.args.defaults)
    positional = [*other.args.posonlyargs, *other.args.args]
    pairs = [*zip(positional[len(positional) - count :], other.args.defaults, strict=True)]
    pairs += [(arg, value) for arg, value in zip(other.args.kwonlyargs, other.args.kw_defaults, strict=True) if value]
    known = set(_arguments(mine))
    return [
        ast.fix_missing_locations(ast.Assign([ast.Name(argument.arg, ast.Store())], default))
        for argument, default in pairs
        if argument.arg not in known
    ]


def _helpers(ours: Program, theirs: Program, name: str) -> list[Change]:
    """Insert the methods that a submission's method calls and the solution's class doesn't have, after the class."""
    owner, _, _ = name.rpartition(".")
    node = ours.definitions.get(owner)
    if not isinstance(node, ast.ClassDef):
        return []
    missing: dict[str, Function] = {}
    waiting = [theirs.definitions[name]]
    while waiting:
        for part in ast.walk(waiting.pop()):
            if isinstance(part, ast.Attribute) and f"{owner}.{part.attr}" not in {*ours.definitions, *missing}:
                helper = theirs.definitions.get(f"{owner}.{part.attr}")
                if isinstance(helper, Function):
                    missing[f"{owner}.{part.attr}"] = helper
                    waiting.append(helper)
    _, end = ours.span(node)
    column = node.body[-1].col_offset
    texts = [f"\n\n{' ' * column}{_unparsed([helper], column)}" for helper in missing.values()]
    return [Change(end, end, "".join(texts))] if texts else []


def _statements(function: Function) -> list[ast.stmt]:
    """Return the body of a function without its docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _differences(ours: Program, mine: Sequence[ast.stmt], other: Sequence[ast.stmt]) -> list[list[Change]]:
    """List the places in which two bodies differ, each as changes of the solution; the finer ones first."""
    found: list[list[Change]] = []
    left, right = ([ast.dump(statement) for statement in body] for body in (mine, other))
    for tag, first, last, start, end in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if last - first == end - start:
            for index in range(last - first):
                found += _within(ours, mine[first + index], other[start + index])
        found.append([_replaced(ours, _Block(mine, first, last), other[start:end])])
    return found


def _within(ours: Program, statement: ast.stmt, other: ast.stmt) -> list[list[Change]]:
    """List the differences inside of two statements of one kind: of their bodies, or of the parts of expressions."""
    if type(statement) is not type(other):
        return []
    found: list[list[Change]] = []
    for field in ("body", "orelse"):
        if isinstance(getattr(statement, field, None), list):
            found += _differences(ours, getattr(statement, field), getattr(other, field))
    found += [[Change(*ours.span(part), _expression(new))] for part, new in _parts(statement, other)]
    return found


def _expression(node: ast.expr) -> str:
    """Write an expression so that it can be a part of another one."""
    return f"({ast.unparse(node)})" if isinstance(node, ast.BinOp | ast.BoolOp) else ast.unparse(node)


def _parts(node: ast.AST, other: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the smallest expressions in which two trees differ."""
    if ast.dump(node) == ast.dump(other):
        return
    children = [list(ast.iter_child_nodes(part)) for part in (node, other)]
    is_alike = type(node) is type(other) and _bare(node) == _bare(other) and len(children[0]) == len(children[1])
    if is_alike and any(isinstance(child, ast.expr | ast.keyword) for child in children[0]):
        inner = [pair for pair in zip(*children, strict=True) if not isinstance(pair[0], ast.stmt)]
        yield from (part for one, two in inner for part in _parts(one, two))
        if isinstance(node, ast.Call) and isinstance(other, ast.Call):
            yield node, other
    elif isinstance(node, ast.expr) and isinstance(other, ast.expr):
        yield node, other


def _bare(node: ast.AST) -> list[object]:
    """List the fields of a node that aren't nodes."""
    return [
        (name, value)
        for name, value in ast.iter_fields(node)
        if not isinstance(value, ast.AST | list) and name not in ("ctx", "kind", "type_comment")
    ]


def _replaced(ours: Program, block: _Block, new: Sequence[ast.stmt]) -> Change:
    """Replace a block of statements, or insert some if it is empty; a body that would be empty gets `pass`."""
    written: Sequence[ast.stmt] = new
    if not new and len(block.body) == block.last - block.first:
        written = [ast.Pass()]
    if block.first < block.last:
        start, _ = ours.span(block.body[block.first])
        _, end = ours.span(block.body[block.last - 1])
        column = block.body[block.first].col_offset
        text = _unparsed(written, column)
        return Change(start, end, text or "pass")
    if block.first < len(block.body):
        start, _ = ours.span(block.body[block.first])
        column = block.body[block.first].col_offset
        return Change(start, start, f"{_unparsed(written, column)}\n{' ' * column}")
    _, end = ours.span(block.body[-1])
    column = block.body[-1].col_offset
    return Change(end, end, f"\n{' ' * column}{_unparsed(written, column)}")


def _unparsed(statements: Sequence[ast.stmt], column: int) -> str:
    lines = [line for statement in statements for line in ast.unparse(statement).splitlines()]
    return f"\n{' ' * column}".join(lines)


def _with_names_of(mine: Function, other: Function) -> Function:
    """Return another function with the names that the first one uses for the same things."""
    votes: Counter[tuple[str, str]] = Counter()
    for one, two in zip(_arguments(mine), _arguments(other), strict=False):
        votes[two, one] += 100
    _vote(_statements(mine), _statements(other), votes, _names(mine), _names(other))
    chosen: dict[str, str] = {}
    for (theirs, ours), _ in votes.most_common():
        if theirs not in chosen and ours not in chosen.values():
            chosen[theirs] = ours
    renamed = copy.deepcopy(other)
    free = {name for name in _names(other) if name not in chosen}
    # A name that would now mean two things is set apart.
    chosen |= {name: f"{name}_" for name in free if name in chosen.values()}
    for node in ast.walk(renamed):
        if isinstance(node, ast.Name) and node.id in chosen:
            node.id = chosen[node.id]
    return renamed


def _arguments(function: Function) -> list[str]:
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _names(function: Function) -> set[str]:
    """List the variables of a function; attributes of `self` keep their names, most of which the exercise gives."""
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | set(_arguments(function)) - {"self"}


def _vote(
    mine: Sequence[ast.stmt],
    other: Sequence[ast.stmt],
    votes: Counter[tuple[str, str]],
    ours: set[str],
    theirs: set[str],
) -> None:
    """Count which names matched statements have at the same position."""
    left = [ast.dump(_nameless(statement)) for statement in mine]
    right = [ast.dump(_nameless(statement)) for statement in other]
    for tag, first, last, start, end in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for one, two in zip(mine[first:last], other[start:end], strict=False):
            if tag == "equal":
                pairs = zip(ast.walk(one), ast.walk(two), strict=False)
                names = [(x.id, y.id) for x, y in pairs if isinstance(x, ast.Name) and isinstance(y, ast.Name)]
                votes.update((y, x) for x, y in names if x in ours and y in theirs)
            elif type(one) is type(two):
                if _are_similar(one, two):
                    votes.update(_targets(one, two, ours, theirs))
                for field in ("body", "orelse"):
                    if isinstance(getattr(one, field, None), list):
                        _vote(getattr(one, field), getattr(two, field), votes, ours, theirs)


def _are_similar(one: ast.stmt, two: ast.stmt) -> bool:
    left, right = (ast.unparse(_nameless(statement)) for statement in (one, two))
    return difflib.SequenceMatcher(None, left, right, autojunk=False).ratio() >= SIMILAR


def _targets(one: ast.stmt, two: ast.stmt, ours: set[str], theirs: set[str]) -> list[tuple[str, str]]:
    """Pair the names that two assignments set."""
    stored = [
        [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        for statement in (one, two)
    ]
    return [(y, x) for x, y in zip(*stored, strict=False) if x in ours and y in theirs]


def _nameless(node: ast.AST) -> ast.AST:
    """Return a tree with all names of variables left out."""
    blind = copy.deepcopy(node)
    for part in ast.walk(blind):
        if isinstance(part, ast.Name):
            part.id = "_"
        elif isinstance(part, ast.arg):
            part.arg = "_"
    return blind


def with_what_it_uses(text: str, theirs: Program) -> str | None:
    """Add what the submission has at its top level and a changed solution now uses: imports, helpers, constants."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    bound = {name for node in tree.body for name in _binds(node)} | set(dir(builtins))
    top = {name: node for node in theirs.tree.body for name in _binds(node)}
    added: list[ast.stmt] = []
    waiting = sorted(_used(tree) - bound)
    while waiting:
        name = waiting.pop(0)
        if name in bound or name not in top:
            continue
        node = top[name]
        added.insert(0, node)
        bound |= _binds(node)
        waiting += sorted(_used(node) - bound)
    if not added:
        return text
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    line = (imports[-1].end_lineno or 0) if imports else 0
    lines = text.splitlines()
    parts = [ast.unparse(node) for node in added]
    return "\n".join([*lines[:line], *parts, *lines[line:]]) + "\n"


def _binds(node: ast.stmt) -> set[str]:
    """List the names that a statement at the top level gives a value."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _used(tree: ast.AST) -> set[str]:
    """List the names that are used somewhere and never set in the same tree except at its top level."""
    loaded = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    arguments = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return loaded - stored - arguments
