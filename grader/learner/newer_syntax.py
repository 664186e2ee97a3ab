"""Recognizes syntax of a newer Python than this one, which the parser only calls invalid.

It reads the text character by character, because no parser of this Python accepts it. Whatever it recognizes is an
error in each older version, so it never blames a version for an error of another kind.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = re.compile(r"(?P<prefix>(?<!\w)(?:[rbuft]|br|rb|fr|rf|tr|rt)?)(?P<quote>\"\"\"|'''|\"|')", re.IGNORECASE)
_STATEMENTS = (
    ((3, 13), "a default of a type parameter", re.compile(r"^[ \t]*(?:async +)?(?:def|class|type) +\w+ *\[[^\]\n]*=")),
    ((3, 12), "a `type` statement", re.compile(r"^[ \t]*type +[A-Za-z_]\w* *(?:\[[^\n]*\])? *=(?!=)")),
    ((3, 12), "type parameters in brackets", re.compile(r"^[ \t]*(?:async +)?(?:def|class) +\w+ *\[")),
    ((3, 14), "`except` with several exceptions and no parentheses", re.compile(r"^[ \t]*except\*? +[\w.]+ *, *[A-Z]")),
)
"""The version that introduced a statement, its name, and the beginning of its line."""
LONGEST = 2**17
"""Characters of the longest text that is looked at; a learner's module is never this long."""
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class NewerSyntax:
    """Something that a newer Python understands: what it is, its line, and the version that introduced it."""

    what: str
    line: int
    version: tuple[int, int]

    def sentence(self) -> str:
        """Say what it is and what to do, without a period at the end."""
        new, here = (".".join(map(str, version)) for version in (self.version, sys.version_info[:2]))
        return (
            f"line {self.line} has {self.what}, which needs Python {new}, but the checks run on Python {here}. "
            f"Write it for Python {here}"
        )


def newer_syntax(text: str, running: tuple[int, int] | None = None) -> NewerSyntax | None:
    """Return the first syntax in a text that is newer than this Python; None if there is none.

    Args:
        text: the text of a module or cell.
        running: the version of this Python.
    """
    running = running or sys.version_info[:2]
    if len(text) > LONGEST:
        return None
    try:
        return _newer_syntax(text, running)
    except RecursionError:
        return None


def _newer_syntax(text: str, running: tuple[int, int]) -> NewerSyntax | None:
    matches = []
    blank = list(text)
    for start, end, version, what in _strings(text):
        blank[start:end] = [character if character == "\n" else " " for character in text[start:end]]
        if version > running:
            matches.append(NewerSyntax(what, text.count("\n", 0, start) + 1, version))
    for number, line in enumerate("".join(blank).split("\n"), 1):
        for version, what, pattern in _STATEMENTS:
            if version > running and pattern.match(line):
                matches.append(NewerSyntax(what, number, version))
    return min(matches, key=lambda match: match.line, default=None)


def _strings(text: str) -> Iterator[tuple[int, int, tuple[int, int], str]]:
    """List the comments and strings: start, end, and the version that a string needs with the name of its syntax."""
    position = 0
    while position < len(text):
        if text[position] == "#":
            end = _line_end(text, position)
            yield position, end, (3, 0), ""
            position = end
            continue
        match = _STRING.match(text, position)
        if match is None:
            word = re.compile(r"\w+").match(text, position)
            position = word.end() if word else position + 1
            continue
        try:
            end, version, what = _string(text, match)
        except _NotAString:
            return
        yield position, end, version, what
        position = end


class _NotAString(Exception):
    """The text isn't a string in any version."""


def _string(text: str, match: re.Match[str]) -> tuple[int, tuple[int, int], str]:
    """Return the end of a string, the version that it needs, and the name of what needs it."""
    prefix, quote = match["prefix"].lower(), match["quote"]
    if "f" not in prefix and "t" not in prefix:
        return _plain_end(text, match.end(), quote), (3, 0), ""
    end, is_new = _formatted_end(text, match.end(), quote, "r" in prefix)
    if "t" in prefix:
        return end, (3, 14), "a t-string"
    return end, (3, 12) if is_new else (3, 6), "quotes, a backslash or a comment inside the braces of an f-string"


def _plain_end(text: str, position: int, quote: str) -> int:
    while position < len(text):
        if text.startswith(quote, position):
            return position + len(quote)
        if text[position] == "\n" and len(quote) == 1:
            break
        position += 2 if text[position] == "\\" else 1
    raise _NotAString


def _formatted_end(text: str, position: int, quote: str, raw: bool) -> tuple[int, bool]:
    """Return the end of an f-string or t-string, and whether an expression in it needs Python 3.12."""
    is_new = False
    while position < len(text):
        if text.startswith(quote, position):
            return position + len(quote), is_new
        character = text[position]
        if text.startswith(("{{", "}}"), position):
            position += 2
        elif character == "{":
            position, new_inside = _field_end(text, position + 1, quote)
            is_new = is_new or new_inside
        elif character == "\n" and len(quote) == 1:
            break
        elif character == "\\" and (not raw or text.startswith(quote, position + 1)):
            # The braces of \N{...} belong to the name of a character.
            named = re.compile(r"\\N\{[^}\n]*\}").match(text, position) if not raw else None
            position = named.end() if named else position + 2
        else:
            position += 1
    raise _NotAString


def _field_end(text: str, start: int, quote: str) -> tuple[int, bool]:
    """Return the end of a field in braces, and whether it needs Python 3.12."""
    end, plain = _expression_end(text, start)
    expression = text[start:end]
    # Strings and comments are blank in `plain`, so that this Python can parse what is around them.
    if not _parses(plain):
        raise _NotAString
    is_new = quote in expression or "\\" in expression or "#" in expression or (len(quote) == 1 and "\n" in expression)
    position = end
    if text.startswith("!", position):
        position += 2
    if text.startswith(":", position):
        position += 1
        while position < len(text) and text[position] != "}":
            if text.startswith(quote, position) or text[position] == "\n":
                raise _NotAString
            if text[position] == "{":
                position, new_inside = _field_end(text, position + 1, quote)
                is_new = is_new or new_inside
            else:
                position += 1
    if not text.startswith("}", position):
        raise _NotAString
    return position + 1, is_new


def _expression_end(text: str, position: int) -> tuple[int, str]:
    """Return where an expression in braces ends, and its text with strings replaced by one that any Python parses."""
    open_brackets = 0
    plain: list[str] = []
    while position < len(text):
        character = text[position]
        if character == "#":
            position = _line_end(text, position)
            continue
        match = _STRING.match(text, position)
        if match is not None:
            position, _, _ = _string(text, match)
            plain.append('""')
            continue
        word = re.compile(r"\w+").match(text, position)
        if word is not None:
            plain.append(word[0])
            position = word.end()
            continue
        if not open_brackets and character in "}:!=" and not re.compile(r"[!=]=|==").match(text, position):
            # `=` before the end shows the expression itself.
            shown = re.compile(r"=\s*(?=[}:!])").match(text, position)
            if shown or character != "=":
                return shown.end() if shown else position, "".join(plain)
        if text.startswith(("!=", "=="), position):
            plain.append(text[position : position + 2])
            position += 2
            continue
        open_brackets += (character in _OPENING) - (character in _CLOSING)
        plain.append(character)
        position += 1
    raise _NotAString


def _parses(expression: str) -> bool:
    try:
        ast.parse(f"({expression}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
