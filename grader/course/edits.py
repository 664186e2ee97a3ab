"""Edits: changes to a program, written like a diff and located by the program's own lines.

    @@ Softmax.forward
     exponentials = torch.exp(scores)
    -return exponentials / exponentials.sum(dim=-1, keepdim=True)
    +return exponentials / exponentials.sum()

A line with `-` is removed, a line with `+` is added, and a line with a space stays: it only shows where the change is.
Lines that are removed or stay must be consecutive lines of the program; indentation, trailing comments, blank lines and
comment lines are ignored. A blank line or `@@` begins the next hunk. If the name of a class or function follows `@@`,
the hunk is located inside it.

To change a few words within a line, you can write only these words, one change per line of the edit:

    variance + self.eps => variance

The words before the arrow must appear exactly once in the program's code.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

ARROW = " => "
# A line's code: everything up to a # outside of strings. Text after an unclosed quote stays unchanged.
_CODE = re.compile(r"""(?:[^#"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*""")


class EditError(ValueError):
    """An edit has a wrong format, or doesn't fit the program.

    Attributes:
        line: the line of the edit with the problem, counted from 0.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Change:
    """A range of a program's characters, from `start` up to `end`, and the text that replaces it."""

    start: int
    end: int
    new: str


class Program:
    """The text of a program, its lines, and where its classes and functions are.

    Args:
        text: a whole module.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def bare(self) -> list[str]:
        """The lines without indentation and comments."""
        return [bare(line) for line in self.lines]

    @cached_property
    def offsets(self) -> list[int]:
        """The positions where the lines begin, in characters; the last entry is the length of the text."""
        offsets = [0]
        for line in self.lines:
            offsets.append(offsets[-1] + len(line))
        return offsets

    @cached_property
    def definitions(self) -> dict[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
        """The classes and functions by name, methods as `Class.method`, in the order of the text."""
        return dict(_definitions(self.tree, ""))

    def rows(self, name: str) -> range:
        """Return the numbers of the lines of a class or function, counted from 0; all lines for an empty name.

        Raises:
            KeyError: there is no such class or function.
        """
        if not name:
            return range(len(self.lines))
        node = self.definitions[name]
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return range(first - 1, node.end_lineno or first)

    def enclosing(self, row: int) -> str:
        """Return the name of the innermost class or function that a line is in; empty if there is none."""
        return next((name for name in reversed(self.definitions) if row in self.rows(name)), "")

    def comment(self, row: int) -> int:
        """Return the position of the blanks and comment at the end of a line, in characters."""
        line = self.lines[row]
        return self.offsets[row] + _depth(line) + len(bare(line))

    def is_comment(self, change: Change) -> bool:
        """Say whether a change only removes a comment."""
        return not change.new and self.text[change.start : change.end].lstrip().startswith("#")

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return the positions where a node begins and ends, in characters."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        # Columns in a syntax tree count bytes.
        return self.offsets[line - 1] + len(self.lines[line - 1].encode()[:column].decode())


@dataclass(frozen=True)
class Hunk:
    """Consecutive lines of a program, of which some are removed and some are added.

    Attributes:
        row: the line of the edit where the hunk begins, counted from 0.
        inside: the class or function to look in; empty means anywhere.
        lines: its lines as pairs of a mark (`-`, `+` or a space) and the text after it.
    """

    row: int
    inside: str
    lines: tuple[tuple[str, str], ...]

    def changes(self, program: Program) -> list[Change]:
        """Locate the hunk in a program.

        Raises:
            EditError: it fits nowhere, or at more than one position.
        """
        rows = self._match(program)
        changes: list[Change] = []
        for removed, added, after in self._blocks():
            anchor = removed[0] if removed else max(0, after - 1)
            depth = _depth(program.lines[rows[anchor]]) - _depth(self._old[anchor])
            lines = [" " * max(0, depth + _depth(line)) + line.strip() for line in added]
            if not removed:
                start = program.offsets[rows[anchor] + 1 if after else rows[0]]
                changes.append(Change(start, start, "".join(f"{line}\n" for line in lines)))
            elif not added:
                changes.append(Change(program.offsets[rows[removed[0]]], program.offsets[rows[removed[-1]] + 1], ""))
            elif len(removed) == len(added):
                for number, line in zip(removed, lines, strict=True):
                    changes += _replaced(program, rows[number], rows[number], line)
            else:
                changes += _replaced(program, rows[removed[0]], rows[removed[-1]], "\n".join(lines))
        return changes

    @cached_property
    def _old(self) -> list[str]:
        return [text for mark, text in self.lines if mark != "+" and bare(text)]

    def _match(self, program: Program) -> list[int]:
        wanted = [bare(text) for text in self._old]
        if not wanted:
            raise EditError("this only adds lines: also write the line before them, after a space", self.row)
        try:
            rows = [row for row in program.rows(self.inside) if program.bare[row]]
        except KeyError:
            names = ", ".join(program.definitions)
            raise EditError(f"the solution has no `{self.inside}`, only {names}", self.row) from None
        lines = [program.bare[row] for row in rows]
        size = len(wanted)
        matches = [first for first in range(len(lines) - size + 1) if lines[first : first + size] == wanted]
        if len(matches) == 1:
            return rows[matches[0] : matches[0] + size]
        if matches:
            numbers = " and ".join(str(rows[first] + 1) for first in matches)
            advice = "add the line above or below it after a space, or name the method after `@@`"
            raise EditError(f"`{wanted[0]}` fits lines {numbers} of the solution: {advice}", self.row)
        missing = next((line for line in wanted if line not in lines), "")
        if missing:
            close = difflib.get_close_matches(missing, lines, n=1)
            advice = f"; the closest is `{close[0]}`" if close else ""
            raise EditError(f"the solution{self._where()} has no line `{missing}`{advice}", self.row)
        raise EditError(f"these lines are not consecutive in the solution{self._where()}", self.row)

    def _where(self) -> str:
        return f"'s `{self.inside}`" if self.inside else ""

    def _blocks(self) -> Iterator[tuple[list[int], list[str], int]]:
        """Yield the numbers of the lines to remove, the lines to add there, and the number of old lines before them."""
        removed: list[int] = []
        added: list[str] = []
        count = 0
        for mark, text in (*self.lines, (" ", "")):
            if (mark != "+" and added) or (mark == " " and removed):
                yield removed, added, count
                removed, added = [], []
            if mark == "+":
                added.append(text)
            elif bare(text):
                removed += [count] if mark == "-" else []
                count += 1


@dataclass(frozen=True)
class Words:
    """Words within a line of a program, and the words that replace them.

    Attributes:
        row: the line of the edit that they are on, counted from 0.
        old, new: the words.
    """

    row: int
    old: str
    new: str

    def changes(self, program: Program) -> list[Change]:
        """Locate the words in a program; as in a hunk, the comment at the end of their line is removed.

        Raises:
            EditError: they don't appear, or appear more than once.
        """
        rows = [row for row, line in enumerate(program.bare) for _ in range(line.count(self.old))]
        if not rows:
            close = difflib.get_close_matches(self.old, program.bare, n=1, cutoff=0.4)
            advice = f"; the closest line is `{close[0]}`" if close else ""
            raise EditError(f"the solution has no `{self.old}`{advice}", self.row)
        if len(rows) > 1:
            numbers = " and ".join(str(row + 1) for row in rows)
            raise EditError(f"`{self.old}` fits lines {numbers} of the solution: write more of the line", self.row)
        return list(_replaced(program, rows[0], rows[0], self._indented(program, rows[0])))

    def _indented(self, program: Program, row: int) -> str:
        return " " * _depth(program.lines[row]) + program.bare[row].replace(self.old, self.new)


@lru_cache(maxsize=2048)
def parse(edit: str) -> tuple[Hunk | Words, ...]:
    """Read an edit.

    Raises:
        EditError: its format is wrong.
    """
    pairs = [line.partition(ARROW) for line in edit.splitlines()]
    if pairs and all(old.strip() and arrow and not old.startswith(("-", "+", " ", "@@")) for old, arrow, _ in pairs):
        return tuple(Words(row, old.strip(), new.strip()) for row, (old, _, new) in enumerate(pairs))
    hunks: list[Hunk] = []
    lines: list[tuple[str, str]] = []
    inside, start = "", 0
    for row, line in enumerate([*edit.splitlines(), ""]):
        if line.strip() and not line.startswith(("-", "+", " ", "@@")):
            raise EditError(f"`{line}`: a line of an edit must begin with -, + or a space, or be `old{ARROW}new`", row)
        if line.startswith("@@") or not line.strip():
            if lines or inside:
                hunks.append(_hunk(start, inside, lines))
            inside, start = line.removeprefix("@@").strip().removesuffix("@@").strip(), row
            lines = []
        else:
            start = start if lines or inside else row
            lines.append((line[0], line[1:]))
    if not hunks:
        raise EditError("this edit changes nothing: write lines with - and +", 0)
    return tuple(hunks)


def _hunk(row: int, inside: str, lines: Sequence[tuple[str, str]]) -> Hunk:
    if all(mark == " " for mark, _ in lines):
        raise EditError("this hunk changes nothing: write lines with - and +", row)
    return Hunk(row, inside, tuple(lines))


def merge(program: Program, changes: Iterable[Change]) -> str | None:
    """Return a program's text with all changes made; None if two of them change the same characters.

    Texts inserted at the same position are in the order of the changes. Two changes may remove the same comment.
    """
    text, given = program.text, list(changes)
    distinct = [change for n, change in enumerate(given) if not (program.is_comment(change) and change in given[:n])]
    ordered = sorted(distinct, key=lambda change: (change.start, change.end))
    if any(later.start < earlier.end for earlier, later in pairwise(ordered)):
        return None
    for change in reversed(ordered):
        text = text[: change.start] + change.new + text[change.end :]
    return text


def diff(old: str, new: str) -> str:
    """Show the difference between two programs as an edit of the old one."""
    program = Program(old)
    after = new.splitlines()
    lines: list[str] = []
    was, now = ([" " * _depth(line) + bare(line) for line in text] for text in (program.lines, after))
    for tag, first, last, start, end in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        removed = [was[row] for row in range(first, last) if program.bare[row]]
        added = [line for line in now[start:end] if line.strip()]
        if tag == "equal" or (not removed and not added):
            continue
        inside, above, below = _anchored(program, first, last)
        pieces = [(" ", [was[row] for row in above]), ("-", removed), ("+", added)]
        pieces.append((" ", [was[row] for row in below]))
        margin = min(_depth(line) for _, piece in pieces for line in piece)
        hunk = [mark + line[margin:] for mark, piece in pieces for line in piece]
        lines += ["", *([f"@@ {inside}".rstrip()] if inside or above or below else []), *hunk]
    return "\n".join(lines[1:]) + "\n"


def bare(line: str) -> str:
    """Return a line of code without indentation and trailing comment."""
    code = _CODE.match(line)
    assert code is not None
    ends_in_comment = line[code.end() : code.end() + 1] == "#"
    return (line[: code.end()] if ends_in_comment else line).strip()


def _anchored(program: Program, first: int, last: int) -> tuple[str, list[int], list[int]]:
    """Choose how to locate a hunk: the name after `@@`, and lines above or below it that stay."""
    code = [row for row in range(len(program.lines)) if program.bare[row]]
    removed = [row for row in code if first <= row < last]
    above = [row for row in code if row < first]
    below = [row for row in code if row >= last]
    inside = program.enclosing((removed or above or below)[-1])
    choices: list[tuple[list[int], list[int]]] = []
    if not removed and above and program.bare[above[-1]].endswith('"""') and below:
        # A new first line of a function is shown before the first statement, not after the docstring.
        inside = program.enclosing(below[0])
        choices += [([], below[:count]) for count in range(1, len(below) + 1)]
    else:
        choices += [(above[len(above) - count :], []) for count in range(len(above) + 1)]
    for before, after in choices:
        rows = [*before, *removed, *after]
        for name in ("", inside):
            if rows and _count(program, rows, name) == 1:
                return name, before, after
    return inside, above, []


def _count(program: Program, rows: Sequence[int], name: str) -> int:
    wanted = [program.bare[row] for row in rows]
    lines = [program.bare[row] for row in program.rows(name) if program.bare[row]]
    return sum(lines[first : first + len(wanted)] == wanted for first in range(len(lines)))


def _definitions(
    node: ast.AST, outer: str
) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield outer + child.name, child
            yield from _definitions(child, f"{outer}{child.name}.")
        else:
            yield from _definitions(child, outer)


def _replaced(program: Program, first: int, last: int, new: str) -> Iterator[Change]:
    """Replace only the words that differ in some lines, and remove the comment at their end.

    Removing the comment is a separate change, because two mistakes that change different words of a line both remove
    it.
    """
    start, end = program.offsets[first], program.comment(last)
    old_words = re.findall(r"\w+|\W", program.text[start:end])
    new_words = re.findall(r"\w+|\W", new)
    head = _alike(old_words, new_words)
    tail = _alike(old_words[head:][::-1], new_words[head:][::-1])
    start += sum(map(len, old_words[:head]))
    stop = end - sum(map(len, old_words[len(old_words) - tail :]))
    if (start, stop) != (end, end) or head < len(new_words):
        yield Change(start, stop, "".join(new_words[head : len(new_words) - tail]))
    if end < program.offsets[last + 1] - 1:
        yield Change(end, program.offsets[last + 1] - 1, "")


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the words at the beginning that two texts have in common."""
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
