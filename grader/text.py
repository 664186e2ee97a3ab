"""Fitting text to a terminal, names in messages, and numbers in printed lines."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf|nan)(?!\.?\w)", re.IGNORECASE)


def fitted(line: str, width: int) -> list[str]:
    """Wrap a line that is wider than a terminal, indenting the next lines to where the text after its label begins."""
    if len(line) <= width:
        return [line]
    label = re.match(r" *(?:\S+ {2,})?", line)
    indent = " " * min(label.end() if label is not None else 0, width // 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [line]


def printable(text: str, limit: int = 200) -> str:
    """Make text from a learner's code safe for a terminal, and shorten it."""
    clean = "".join(character if character.isprintable() else " " for character in text[: 2 * limit])
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def in_one_line(problem: object) -> str:
    """Write an exception in a line, as facts show it."""
    return " ".join(str(problem).split())[:150]


def listed(names: Sequence[str], most: int) -> str:
    """List the first names and count the others: "ann, bob and 3 more"."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def verb_for(what: str, one: str, several: str) -> str:
    """Choose the verb for what a check speaks of: "the loss" is one, "the weights" are several.

    >>> verb_for("the ids of 'she'", "has", "have"), verb_for("the loss", "has", "have")
    ('have', 'has')
    """
    head = re.split(r",? (?:of|from|in|for|at|after|with|that|the|per|by|on) ", what.removeprefix("the "))[0]
    return several if re.search(r"[^aisu]s$", head) else one


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Suggest the closest of the known names: " (did you mean `worth`?)"; empty if none is close.

    Args:
        name: the unknown name.
        known: the known names.
        cutoff: how close it must be, between 0 and 1.
    """
    matches = difflib.get_close_matches(name, list(known), 1, cutoff)
    return f" (did you mean `{matches[0]}`?)" if matches else ""


def last_number(line: str) -> str:
    """Return the last number in a line as it is written, and an empty text if there is none.

    Digits in a name, such as those of `layers.0.weight`, are no number.
    """
    numbers: list[str] = _NUMBER.findall(line)
    return numbers[-1] if numbers else ""
