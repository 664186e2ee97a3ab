"""Removes from a notebook's cell what only IPython understands: magics, shell lines, and questions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# Cell magics whose cell contains another language, or text for a file.
OTHER_LANGUAGES = re.compile(
    r"^%%(bash|cmd|cython|file|html|javascript|js|latex|markdown|perl|powershell|r|ruby|rust|script|sh|sql|svg|sx|system"
    r"|writefile|!)(\s|$)",
    re.IGNORECASE,
)
WRITEFILE = re.compile(r"^%%(?:writefile|file)\s+(?:-a\s+|--append\s+)?(['\"]?)(?:.*/)?(?P<name>[^\s/'\"]+)\.py\1\s*$")
MAGIC = re.compile(r"^(\s*)([%!?].*|[\w.]+\?{1,2}|[\w, ]+=\s*[%!].*)$")
PROMPT = re.compile(r"^\s*(>>>|\.\.\.|In ?\[\d+\]:|\.{3,}:)( |$)")
TIMED = re.compile(r"^%time\s+(?=[^\s-])")
HERE_DOCUMENT = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
# A string, a comment, a bracket; a string over several lines that isn't closed here is the last alternative.
TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''|" + r'"""|' + r"'''|"
    r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'|#.*|[()\[\]{}]"
)


def without_magics(text: str) -> tuple[str, list[str]]:
    """Remove from a cell what only IPython understands; return the rest, and the lines that were removed.

    Lines keep their numbers. A line that continues a magic goes with it, and so does a here-document of a shell line.
    `%time` runs a statement in the notebook, so the statement stays.
    """
    if is_python(text):
        return text, []
    text = _as_typed(text)
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    dropped = []
    if lines[first].startswith("%%"):
        dropped.append(lines[first])
        if OTHER_LANGUAGES.match(lines[first]):
            return "", dropped
        lines[first] = ""
    for number, end in _magics(lines):
        match = MAGIC.match(lines[number])
        assert match
        timed = TIMED.match(match[2])
        if timed and is_python(match[2][timed.end() :]):
            dropped.append("%time")
            lines[number] = match[1] + match[2][timed.end() :]
            continue
        dropped.append(" ".join([match[2], *lines[number + 1 : end]]))
        lines[number:end] = [f"{match[1]}pass", *[""] * (end - number - 1)]
    return "\n".join(lines), dropped


def _as_typed(text: str) -> str:
    """Remove what IPython removes from pasted code: prompts, and an indentation of all lines."""
    lines = text.split("\n")
    code = [line for line in lines if line.strip()]
    if code and PROMPT.match(code[0]):
        lines = [PROMPT.sub("", line) for line in lines]
        code = [line for line in lines if line.strip()]
    indentation = code[0][: len(code[0]) - len(code[0].lstrip())] if code else ""
    return "\n".join(line.removeprefix(indentation) for line in lines)


def module_written(text: str) -> tuple[str, str]:
    """Return the name of the module that a cell writes to a file, and its text; both are empty if it writes none.

    The magic's line is left blank, so that lines keep their numbers.
    """
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    match = WRITEFILE.match(lines[first])
    if match is None:
        return "", ""
    lines[first] = ""
    return match["name"], "\n".join(lines)


def _magics(lines: list[str]) -> Iterator[tuple[int, int]]:
    """List where magics begin and end; a line within a string, brackets or a continued statement isn't one."""
    number, quote, depth, continued = 0, "", 0, False
    while number < len(lines):
        line = lines[number]
        if quote or depth or continued or not MAGIC.match(line):
            quote, depth = _open_after(line, quote, depth)
            continued = line.endswith("\\")
            number += 1
            continue
        end = _end_of_magic(lines, number)
        yield number, end
        number = end


def _end_of_magic(lines: list[str], begin: int) -> int:
    end = begin + 1
    while end < len(lines) and lines[end - 1].rstrip().endswith("\\"):
        end += 1
    document = HERE_DOCUMENT.search(lines[begin]) if "!" in lines[begin] else None
    if document:
        ends = [number for number in range(end, len(lines)) if lines[number].strip() == document[2]]
        end = ends[0] + 1 if ends else end
    return end


def _open_after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Return the quotes of the string and the number of brackets that are open after a line."""
    position = 0
    if quote:
        position = line.find(quote)
        if position < 0:
            return quote, depth
        position += len(quote)
    for token in TOKEN.finditer(line, position):
        if token[0] in ('"""', "'''"):
            return token[0], depth
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth = max(0, depth - 1)
    return "", depth


def is_python(text: str) -> bool:
    """Say whether a text is valid Python."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
