"""The part of two long values in which they differ, written as Python: what is equal in both is only counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from grader.checks.show import MAX_ITEMS, MAX_STRING, show
from grader.wire.plain import Plain

MAX_SHOWN = 160
"""Characters of a value that is shown as a whole."""
ENTRIES = 4
"""How many differing entries are shown."""
AROUND = 2
"""How many items are shown before and after the first one that differs."""
CHARACTERS = 16
"""How many characters are shown before the first one that differs, and twice as many after it."""

Equal = Callable[[Plain, Plain], bool]


def excerpts(got: Plain, expected: Plain, equal: Equal) -> tuple[str, str]:
    """Write two values that differ; if they are long, only what differs and what is next to it.

    Args:
        got: one value.
        expected: the other one.
        equal: says whether two parts of them count as equal.
    """
    whole = show(got), show(expected)
    if type(got) is not type(expected) or not (_is_long(got, whole[0]) or _is_long(expected, whole[1])):
        return whole
    if isinstance(expected, dict):
        keys = [key for key in got if key not in expected or not equal(got[key], expected[key])]
        wanted = [key for key in expected if key not in got or not equal(got[key], expected[key])]
        return _entries(got, expected, keys, equal), _entries(expected, got, wanted, equal, swapped=True)
    if isinstance(expected, list | tuple):
        first = first_difference(got, expected, equal)
        return _items(got, expected, first, equal), _items(expected, got, first, equal, swapped=True)
    if isinstance(expected, str | bytes):
        first = first_difference(got, expected, lambda mine, theirs: bool(mine == theirs))
        return _characters(got, first), _characters(expected, first)
    return whole


def first_difference(got: Sequence[Any], expected: Sequence[Any], equal: Equal) -> int:
    """Return the position of the first item that differs; the length of the shorter one if none does."""
    pairs = enumerate(zip(got, expected, strict=False))
    return next((index for index, pair in pairs if not equal(*pair)), min(len(got), len(expected)))


def keys_in_words(keys: Sequence[Plain]) -> str:
    """List the first keys, and count the others."""
    more = len(keys) - ENTRIES
    return ", ".join(show(key) for key in keys[:ENTRIES]) + (f" and {more} more" if more > 0 else "")


def _is_long(value: Plain, shown: str) -> bool:
    if isinstance(value, str | bytes):
        return len(value) > MAX_STRING
    return isinstance(value, list | tuple | dict) and (len(value) > MAX_ITEMS or len(shown) > MAX_SHOWN)


def _entries(value: dict[Any, Any], other: dict[Any, Any], keys: list[Any], equal: Equal, swapped: bool = False) -> str:
    shown = [f"{show(key)}: {_part(value[key], other.get(key), equal, swapped)}" for key in keys[:ENTRIES]]
    more = len(keys) - ENTRIES
    shown += [f"… {more} more that differ"] if more > 0 else []
    same = len(value) - len(keys)
    shown += [f"… {same} equal entr{'y' if same == 1 else 'ies'}"] if same else []
    return f"{{{', '.join(shown)}}}"


def _items(value: Sequence[Any], other: Sequence[Any], first: int, equal: Equal, swapped: bool = False) -> str:
    begin, end = max(0, first - AROUND), min(len(value), first + AROUND + 1)
    shown = [f"… {begin} equal item{'' if begin == 1 else 's'}"] if begin else []
    for index in range(begin, end):
        counterpart = other[index] if index < len(other) else None
        shown.append(_part(value[index], counterpart, equal, swapped))
    shown += [f"… {len(value) - end} more"] if end < len(value) else []
    left, right = "[]" if isinstance(value, list) else "()"
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return f"{left}{', '.join(shown)}{comma}{right}"


def _part(value: Plain, other: Plain, equal: Equal, swapped: bool) -> str:
    pair = excerpts(other, value, equal) if swapped else excerpts(value, other, equal)
    return pair[1 if swapped else 0]


def _characters(value: str | bytes, first: int) -> str:
    begin, end = max(0, first - CHARACTERS), min(len(value), first + 2 * CHARACTERS)
    before, after = "… " if begin else "", " …" if end < len(value) else ""
    return f"{before}{value[begin:end]!r}{after} ({len(value)} long)"
