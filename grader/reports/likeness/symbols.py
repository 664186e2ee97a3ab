"""A program as a sequence of symbols that stay the same if it is renamed, reformatted or commented differently."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

BOUND = "name"
"""The symbol of every name that the program itself binds, whatever the name is."""
MOST_ERRORS = 5
"""Lines with syntax errors that are left out."""
_HAVE_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_SILENT = (ast.expr_context, ast.Import, ast.ImportFrom, ast.Pass, ast.type_ignore)
_TOKEN = re.compile(r"#[^\n]*|\"\"\".*?\"\"\"|'''.*?'''|\"[^\"\n]*\"|'[^'\n]*'|\w+|[^\w\s]", re.DOTALL)


@dataclass(frozen=True)
class Symbols:
    """A program's symbols, a character for each, and the line of each, counted from 1."""

    text: str
    lines: tuple[int, ...]


def symbols_of(program: str) -> Symbols:
    """Turn a program into symbols: one for each node of its syntax tree.

    A name that the program binds (a variable, an argument, a function, an attribute of `self`) is the same symbol,
    whichever name it is; a name of a library stays. Comments, docstrings, annotations, imports and layout leave no
    symbols. Lines with syntax errors are left out; if there are too many, the symbols are the program's tokens.
    """
    tree = _parsed(program)
    pairs = list(_tokens(program) if tree is None else _nodes(tree))
    return _symbols(pairs)


def tokens_of(program: str) -> Symbols:
    """Turn a program into its tokens, as is done with one that can't be parsed, with one symbol for all names."""
    return _symbols(list(_tokens(program)))


def _symbols(pairs: Sequence[tuple[str, int]]) -> Symbols:
    return Symbols("".join(_character(symbol) for symbol, _ in pairs), tuple(line for _, line in pairs))


def _parsed(program: str) -> ast.Module | None:
    """Parse a program without the lines that can't be parsed; None if there are too many of them."""
    lines = program.split("\n")
    for _ in range(MOST_ERRORS + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = min(max(error.lineno or 1, 1), len(lines))
            if not lines[number - 1].strip():
                return None
            lines[number - 1] = ""
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def _nodes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    names, attributes, imported = _bound(tree)
    # Not recursive, because `1 + 1 + 1 + …` is as deep as it is long.
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    while waiting:
        node, line = waiting.pop()
        if isinstance(node, _SILENT):
            continue
        line = getattr(node, "lineno", line)
        library = _of_library(node, names, imported)
        if library:
            yield library, line
            continue
        symbol = _symbol(node, names, attributes)
        if symbol:
            yield symbol, line
        waiting += [(child, line) for child in reversed(_children(node))]


def _bound(tree: ast.Module) -> tuple[set[str], set[str], dict[str, str]]:
    """Return the names and the attributes that a program binds, and the full names of what it imports."""
    names: set[str] = set()
    attributes: set[str] = set()
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                attributes.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                attributes.add(name)
            case ast.Import(names=aliases):
                for alias in aliases:
                    full = alias.name if alias.asname else alias.name.partition(".")[0]
                    imported[alias.asname or full] = full
            case ast.ImportFrom(module=module, names=aliases):
                for alias in aliases:
                    imported[alias.asname or alias.name] = f"{module or ''}.{alias.name}"
    return names, attributes, imported


def _of_library(node: ast.AST, names: set[str], imported: Mapping[str, str]) -> str:
    """Return the full name of something imported, such as `torch.nn.Linear`; empty for other nodes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in imported and node.id not in names:
        return ".".join([imported[node.id], *reversed(parts)])
    return ""


def _symbol(node: ast.AST, names: set[str], attributes: set[str]) -> str:
    match node:
        case ast.Name(id=name):
            return BOUND if name in names else name
        case ast.Attribute(attr=name):
            return "." if name in attributes else f".{name}"
        case ast.keyword(arg=name):
            return "=" if name in names else f"{name}="
        case ast.Constant(value=value):
            return "text" if isinstance(value, str) else repr(value)
        case ast.arguments() | ast.Expr() | ast.Module() | ast.Load():
            return ""
        case ast.AnnAssign():
            return "Assign"
        case _:
            return type(node).__name__


def _children(node: ast.AST) -> list[ast.AST]:
    left_out: list[ast.AST | None] = []
    if isinstance(node, ast.arg | ast.AnnAssign):
        left_out.append(node.annotation)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        left_out.append(node.returns)
    if isinstance(node, _HAVE_DOCSTRINGS) and ast.get_docstring(node, clean=False) is not None:
        left_out.append(node.body[0])
    return [child for child in ast.iter_child_nodes(node) if not any(child is other for other in left_out)]


def _tokens(program: str) -> Iterator[tuple[str, int]]:
    line, counted = 1, 0
    for match in _TOKEN.finditer(program):
        token = match[0]
        line += program.count("\n", counted, match.start())
        counted = match.start()
        if token[0] == "#":
            continue
        if token[0] in "\"'" and len(token) > 1:
            yield "text", line
        else:
            yield BOUND if token.isidentifier() and not keyword.iskeyword(token) else token, line


@cache
def _character(symbol: str) -> str:
    # A plane of characters without surrogates; two symbols hardly ever share one.
    return chr(0x10000 + zlib.crc32(symbol.encode("utf-8", "replace")) % 0x100000)


def lines_of(symbols: Symbols, chosen: Iterable[bool]) -> set[int]:
    """Return the lines with at least one of the symbols that are chosen."""
    return {line for line, is_chosen in zip(symbols.lines, chosen, strict=True) if is_chosen}
