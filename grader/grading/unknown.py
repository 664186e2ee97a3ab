"""The sentence about a name that doesn't exist: the closest one, and those that there are."""

from __future__ import annotations

from collections.abc import Sequence

from grader.text import did_you_mean, listed

MAX_NAMED = 8
"""How many names a message lists; the others are only counted."""


def unknown(what: str, name: str, known: Sequence[str], where: str = "", also: Sequence[str] = ()) -> str:
    """Say that there is no such thing, which one was probably meant, and which there are.

    Args:
        what: the kind of thing, such as "exercise".
        name: the name that doesn't exist.
        known: the names that there are.
        where: what is said after the name, with a space before it.
        also: other names that may have been meant, but aren't listed.
    """
    choices = f"choose one of: {listed(known, MAX_NAMED)}" if known else "there are none"
    return f"there is no {what} `{name}`{where}{did_you_mean(name, [*known, *also])}; {choices}"
