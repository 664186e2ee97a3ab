"""Says, in words for people, what is wrong with a file that isn't valid YAML."""

from __future__ import annotations

import re

import yaml

_CONFLICT = re.compile(r"<{7}|={7}|>{7}")
_DASH = re.compile(r"\s*-[^\s\d.-]")
_NO_SPACE = re.compile(r"\s*(?:- )?[\w-]+:[^\s:/]")


def problem_in_words(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """Explain an error of the YAML parser.

    Args:
        error: the error.
        text: the text of the file.

    Returns:
        The line, counted from 1, and what is wrong and what to do, without the period at the end.
    """
    lines = text.split("\n")
    last = max(1, len(text.rstrip().split("\n")))
    line = min((error.problem_mark.line if error.problem_mark else 0) + 1, last)
    begin = (error.context_mark.line if error.context_mark else 0) + 1
    problem, context = error.problem or "", error.context or ""
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return line, "a tab is used for indentation, which YAML doesn't allow. Replace it with spaces"
    conflict = next((number for number in (line, line - 1) if _CONFLICT.match(_at(lines, number))), 0)
    if conflict:
        return conflict, "this line is left over from a merge in git. Remove it, and keep one of the two versions"
    without_space = next((number for number in (line, line - 1) if _DASH.match(_at(lines, number))), 0)
    if without_space:
        return without_space, "a space is missing after the dash"
    if "quoted scalar" in context or "quoted scalar" in problem:
        return begin, "a quotation mark begins here and is never closed. Add the closing one"
    if "flow mapping" in context or "flow sequence" in context:
        bracket, closing = ("{", "}") if "mapping" in context else ("[", "]")
        return begin, f"the {bracket} in this line isn't closed, or a comma is missing. Add {closing} or the comma"
    if "flow node" in context:
        return line, "a [ or { isn't closed, or something is missing in it. Add the closing ] or }"
    if "mapping values are not allowed" in problem or "could not find expected ':'" in problem:
        before = next((number for number in (line - 1, line) if _NO_SPACE.match(_at(lines, number))), 0)
        if before:
            return before, "a space is missing after the colon. Write `key: value`"
        if ":" not in _at(lines, line):
            return line, "a colon is missing after the key. Write `key: value`"
        if _at(lines, line).count(": ") > 1:
            return line, "the text after the key contains a colon. Put the text in quotes"
        if ":" not in _at(lines, line - 1):
            return line - 1, "a colon is missing after the key. Write `key: value`"
        return line, "this line is indented too far, or a colon is missing in the line before it. Fix the line"
    if (here.count("}"), here.count("]")) > (here.count("{"), here.count("[")):
        return line, "this line closes a bracket that it doesn't open. Remove it"
    if "did not find expected '-' indicator" in problem or "did not find expected key" in problem:
        return line, f"this line isn't aligned with the block that begins in line {begin}. Fix its indentation"
    if "found another document" in problem:
        return line, "a line `---` begins a second document. Remove it"
    if "alias" in problem:
        return line, "a value that begins with * must be in quotes. Add them"
    if "could not determine a constructor" in problem:
        return line, "a value that begins with ! must be in quotes. Add them"
    if "cannot start any token" in problem:
        return line, "a value can't begin with this character (@, ` or %). Put the value in quotes"
    if "unhashable key" in problem:
        return line, "a key that begins with [ or { must be in quotes. Add them"
    return line, f"{problem}. Fix the line"


def control_character(error: yaml.reader.ReaderError, text: str) -> tuple[int, str]:
    """Explain which character YAML refuses: the line, counted from 1, and what is wrong and what to do."""
    # Not `error.position`, which counts bytes with one of PyYAML's two parsers and characters with the other.
    code = error.character if isinstance(error.character, int) else ord(error.character[:1] or "\0")
    line = text.count("\n", 0, max(0, text.find(chr(code)))) + 1
    return line, f"the character U+{code:04X} isn't allowed. Remove it"


def _at(lines: list[str], number: int) -> str:
    return lines[number - 1] if 1 <= number <= len(lines) else ""
