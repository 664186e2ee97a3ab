"""Bugs for a learner's own code: every small change to it that is a likely mistake, each with its kind."""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.course.edits import Change, Program
from grader.course.stock_mistakes import STOCK, NoPlace, Scope
from grader.practice.everyday import everyday_replacements, written
from grader.practice.kinds import kind_of
from grader.practice.operators import Replacement, meaning_of, replacements

CONSPICUOUS = ("NumberNudged",)
"""Operators whose changes nobody makes by accident."""


SIGN = re.compile(r"[-+*/@%<>=!&|^]+|\bnot\s+in\b|\bis\s+not\b|\bin\b|\bis\b")
"""The operators between two operands."""


@dataclass(frozen=True)
class Bug:
    """A bug that can be planted in a program.

    Attributes:
        kind: its kind (`kinds.KINDS`).
        operator: the operator, or the stock mistake, that makes it.
        function: the function or method that it is in, as `Class.method`.
        changes: the changes to the program's text.
    """

    kind: str
    operator: str
    function: str
    changes: tuple[Change, ...]


def decoded(content: bytes) -> str:
    """Decode a Python file; line endings become line feeds.

    Raises:
        SyntaxError, UnicodeDecodeError: it isn't Python, or not in the encoding that it names.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return io.TextIOWrapper(io.BytesIO(content), encoding, newline=None).read()


def bugs_in(text: str) -> list[Bug]:
    """List the bugs that can be planted in a program; none of them has been tried yet, and some are none at all.

    Raises:
        SyntaxError: it isn't Python.
    """
    program = Program(text)
    bugs: dict[tuple[Change, ...], Bug] = {}
    for operator, node, changes in [*_small(program), *_stock(program)]:
        function = program.enclosing(text.count("\n", 0, changes[0].start))
        bug = Bug(kind_of(operator, node), operator, function, tuple(changes))
        bugs.setdefault(bug.changes, bug)
    return list(bugs.values())


def planted(text: str, bugs: Sequence[Bug]) -> str | None:
    """Return a program with bugs in it, written as people write; None if it isn't Python, or means the same."""
    changes = [change for bug in bugs for change in bug.changes]
    changed = applied(text, changes)
    meaning = meaning_of(changed)
    if meaning in (None, meaning_of(text)):
        return None
    # Parentheses make every replacement safe. If they aren't needed, nobody would have written them.
    for number, change in enumerate(changes):
        for plainer in _plainer(text, change):
            candidate = applied(text, [*changes[:number], plainer, *changes[number + 1 :]])
            if meaning_of(candidate) == meaning:
                changes[number], changed = plainer, candidate
                break
    return changed


def applied(text: str, changes: Sequence[Change]) -> str:
    """Return a text with changes that don't overlap."""
    for change in sorted(changes, key=lambda change: change.start, reverse=True):
        text = text[: change.start] + change.new + text[change.end :]
    return text


def overlap(first: Bug, second: Bug) -> bool:
    """Say whether two bugs change the same characters, so that they can't be planted together."""
    return any(a.start <= b.end and b.start <= a.end for a in first.changes for b in second.changes)


def changed_lines(before: str, after: str) -> int:
    """Count the lines that a change replaces, adds or removes; blank lines and comments don't count."""
    old, new = ([line for line in map(_code, text.splitlines()) if line] for text in (before, after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return sum(max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal")


def difference(before: str, after: str) -> list[str]:
    """List the lines that differ, with a `-` before those of the first text and a `+` before those of the second."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[2:]
    return [line for line in lines if not line.startswith("@@")]


def _code(line: str) -> str:
    stripped = line.strip()
    return "" if stripped.startswith("#") else stripped


Made = tuple[str, ast.AST | None, Sequence[Change]]


def _small(program: Program) -> Iterator[Made]:
    """Yield the bugs that replace a single node, or leave out a statement."""
    blocks = _blocks(program.tree)
    formatted = {part for node in ast.walk(program.tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    imported = _imported(program.tree)
    for each in (*replacements(program.tree), *everyday_replacements(program.tree)):
        node = each.node
        if each.operator in CONSPICUOUS or node in formatted or _is_given(node) or each.text in imported:
            continue
        match each.operator:
            case "ConditionSet" if isinstance(node, ast.If | ast.IfExp | ast.While):
                continue
            case "StatementDropped" if isinstance(node, ast.stmt):
                yield each.operator, node, [_without(program, node, len(blocks.get(node, [])))]
            case "ContextDropped" if isinstance(node, ast.With):
                yield each.operator, node, [_dedented(program, node)]
            case "OtherOperator" | "OtherComparison" if isinstance(node, ast.BinOp | ast.Compare):
                yield each.operator, node, [_other_sign(program, each, node)]
            case _ if isinstance(node, ast.expr):
                yield each.operator, node, [_expression(program, each, node)]
            case _ if isinstance(node, ast.stmt):
                yield each.operator, node, [Change(*program.span(node), each.text)]


def _stock(program: Program) -> Iterator[Made]:
    """Yield the stock mistakes that can be made in the program, in all of it or in one function."""
    for name, mistake in STOCK.items():
        for at in ("", *program.definitions):
            try:
                changes = sorted(mistake.changes(Scope(program, at)), key=lambda change: change.start)
            except NoPlace:
                continue
            yield name, None, changes


def _is_given(node: ast.AST) -> bool:
    """Say whether a statement is a docstring, or calls the constructor of the class above: nobody forgets these."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))))):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")))):
            return True
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
            return True
    return False


def _imported(tree: ast.AST) -> set[str]:
    """List the names of imported modules, and `self`: nobody uses them as a value."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {"self"} | {(alias.asname or alias.name).split(".")[0] for node in imports for alias in node.names}


def _blocks(tree: ast.AST) -> dict[ast.AST, list[ast.stmt]]:
    """Return for each statement the statements of the block that it is in."""
    blocks: dict[ast.AST, list[ast.stmt]] = {}
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                blocks |= dict.fromkeys(block, block)
    return blocks


def _without(program: Program, statement: ast.stmt, in_block: int) -> Change:
    """Leave out a statement with its lines; a block that would be empty gets `pass`."""
    start, end = program.span(statement)
    first, last = program.offsets[statement.lineno - 1], program.offsets[statement.end_lineno or statement.lineno]
    comment = program.text[end:last].strip()
    shares = bool(program.text[first:start].strip()) or (bool(comment) and not comment.startswith("#"))
    return Change(start, end, "pass") if in_block < 2 or shares else Change(first, last, "")


def _dedented(program: Program, statement: ast.With) -> Change:
    """Replace a `with` by its body."""
    lines = [line for inner in statement.body for line in ast.unparse(inner).splitlines()]
    return Change(*program.span(statement), f"\n{' ' * statement.col_offset}".join(lines))


def _other_sign(program: Program, replacement: Replacement, node: ast.BinOp | ast.Compare) -> Change:
    """Replace only the operator between two operands, so that everything around it stays as the learner wrote it."""
    left, right = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.left, node.comparators[0])
    start, end = program.span(left)[1], program.span(right)[0]
    sign = SIGN.search(program.text, start, end)
    if sign is None:
        return _expression(program, replacement, node)
    return Change(*sign.span(), replacement.text[len(written(left)) : -len(written(right))].strip())


def _expression(program: Program, replacement: Replacement, node: ast.expr) -> Change:
    """Replace an expression, with parentheses around the new one."""
    start, end = program.span(node)
    try:
        text = f"({ast.unparse(ast.parse(replacement.text, mode='eval'))})"
    except SyntaxError:
        # A slice is an expression only between brackets.
        text = replacement.text
    return Change(start, end, _in_the_style_of(program.text[start:end], text))


def _in_the_style_of(old: str, new: str) -> str:
    """Write quotes and powers as the code did that is replaced: Python itself has a style that would show."""
    if '"' in old and "'" not in old and '"' not in new:
        new = new.replace("'", '"')
    return new.replace(" ** ", "**") if "**" in old and " ** " not in old else new


def _plainer(text: str, change: Change) -> Iterator[Change]:
    """Yield a change without its parentheses, first also without those that were there before."""
    if _is_wrapped(change.new):
        bare = change.new[1:-1]
        if text[change.start - 1 : change.start] == "(" and text[change.end : change.end + 1] == ")":
            yield Change(change.start - 1, change.end + 1, bare)
        yield Change(change.start, change.end, bare)


def _is_wrapped(text: str) -> bool:
    """Say whether a text is an expression in parentheses of its own."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    try:
        ast.parse(text[1:-1], mode="eval")
    except SyntaxError:
        return False
    return True
