"""Says, in words for people, why a value that was read from a YAML file doesn't fit its type."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import inspect

from grader.text import did_you_mean, listed

MOST = 12
"""How many names a message lists."""
VERY_CLOSE = 0.85
"""From this ratio of difflib on, a key is a slip of the pen rather than a different word."""
SECONDS = "seconds"
"""The unit of a number, in the metadata of its type: `Annotated[float, msgspec.Meta(extra={"unit": SECONDS})]`."""
_IN_SECONDS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    "ms": 0.001,
}
_QUANTITY = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*([^\d\s]*)")
_WORDS = {
    **{word: number for number, word in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven"))},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}
_A_TIME = "2027-01-31T23:59:00+01:00"
Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong, without the period at the end, and the keys and positions that lead to it."""

    message: str
    keys: Keys


def problem_of(value: Any, kind: Any, other_words: Mapping[str, str]) -> Problem | None:
    """Find the first thing in a value that doesn't fit a type; None if there is none.

    Args:
        value: the value.
        kind: the type.
        other_words: what to write in place of keys that people try, by the key.
    """
    return next(_problems(value, inspect.type_info(kind), (), other_words), None)


def _problems(value: Any, kind: inspect.Type, keys: Keys, other_words: Mapping[str, str]) -> Iterator[Problem]:
    unit = ""
    if isinstance(kind, inspect.Metadata):
        unit = str((kind.extra or {}).get("unit", ""))
        kind = kind.type
    match kind:
        case inspect.AnyType():
            return
        case inspect.UnionType():
            yield from _of_union(value, kind, keys, other_words)
        case inspect.StructType():
            yield from _of_struct(value, kind, keys, other_words)
        case inspect.DictType():
            if not isinstance(value, dict):
                yield Problem(_not_a_mapping(value, ()), keys)
                return
            for key, item in value.items():
                yield from _problems(item, kind.value_type, (*keys, key), other_words)
        case inspect.ListType():
            if not isinstance(value, list):
                yield Problem(_not_a_list(value), keys)
                return
            for number, item in enumerate(value):
                yield from _problems(item, kind.item_type, (*keys, number), other_words)
        case _:
            message = _of_scalar(value, kind, unit)
            if message:
                yield Problem(message, keys)


def _of_union(value: Any, kind: inspect.UnionType, keys: Keys, other_words: Mapping[str, str]) -> Iterator[Problem]:
    types = [choice for choice in kind.types if not isinstance(choice, inspect.NoneType)]
    if value is None and len(types) < len(kind.types):
        return
    problems = [list(_problems(value, choice, keys, other_words)) for choice in types]
    if all(problems):
        # A mapping is explained as one, and a single value as one.
        fitting = [
            of_type
            for choice, of_type in zip(types, problems, strict=True)
            if isinstance(choice, inspect.StructType | inspect.DictType) == isinstance(value, dict)
        ]
        yield (fitting or problems)[0][0]


def _of_struct(value: Any, kind: inspect.StructType, keys: Keys, other_words: Mapping[str, str]) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in kind.fields}
    # A key of any type is there only so that it can be refused in its own words.
    known = [name for name, field in fields.items() if not isinstance(field.type, inspect.AnyType)]
    if not isinstance(value, dict):
        yield Problem(_not_a_mapping(value, known), keys)
        return
    for key in value:
        if key not in fields:
            yield Problem(_unknown_key(key, known, other_words), (*keys, key))
    for name, field in fields.items():
        if name in value:
            yield from _problems(value[name], field.type, (*keys, name), other_words)
        elif field.required:
            yield Problem(f"the key `{name}` is missing", keys)


def _unknown_key(key: str, known: Sequence[str], other_words: Mapping[str, str]) -> str:
    plain = str(key).strip().lower().replace("-", "_").replace(" ", "_")
    if plain in known:
        return f"unknown key `{key}`: write `{plain}`"
    guess = did_you_mean(plain, known, VERY_CLOSE)
    if not guess and plain in other_words:
        return f"unknown key `{key}`: {other_words[plain]}"
    guess = guess or did_you_mean(plain, known)
    return f"unknown key `{key}`{guess}" if guess else f"unknown key `{key}`; the keys here are {listed(known, MOST)}"


def _not_a_mapping(value: Any, known: Collection[str]) -> str:
    names = f" with the keys {listed(tuple(known), MOST)}" if known else ""
    if isinstance(value, list):
        return f"this must be a mapping{names}, and is a list: write `key: value` without a dash before it"
    if value is None:
        return f"there is nothing here: write a mapping{names}"
    return f"this must be a mapping{names}, and is `{_written(value)}`: write `key: value`"


def _not_a_list(value: Any) -> str:
    if isinstance(value, dict):
        return "this must be a list, and is a mapping: begin each item with a dash and a space"
    if value is None:
        return "there is nothing here: write a list, such as [] if there is nothing in it"
    return f"this must be a list: write [{_written(value)}]"


def _of_scalar(value: Any, kind: inspect.Type, unit: str) -> str:
    """Say why a single value doesn't fit; empty if it does."""
    match kind:
        case inspect.StrType():
            return "" if isinstance(value, str) else _not_text(value)
        case inspect.BoolType():
            return "" if isinstance(value, bool) else f"this must be true or false, and is `{_written(value)}`"
        case inspect.FloatType() | inspect.IntType():
            is_whole = isinstance(kind, inspect.IntType)
            fits = isinstance(value, int if is_whole else int | float) and not isinstance(value, bool)
            return "" if fits else _not_a_number(value, is_whole, unit)
        case inspect.LiteralType(values=choices):
            if value in choices:
                return ""
            words = [str(choice) for choice in choices]
            if isinstance(value, dict | list):
                what = "mapping" if isinstance(value, dict) else "list"
                return f"this must be one of {listed(words, MOST)}, and is a {what}"
            guess = did_you_mean(_written(value).lower(), words)
            return f"this must be one of {listed(words, MOST)}, and is `{_written(value)}`{guess}"
        case inspect.DateTimeType():
            return "" if isinstance(value, datetime) else not_a_time(value)
        case _:
            return ""


def _not_text(value: Any) -> str:
    if value is None:
        return "there is nothing here: write text after the colon"
    if isinstance(value, dict | list):
        return f"this must be text, and is a {'mapping' if isinstance(value, dict) else 'list'}"
    return f'this must be text: put it in quotes, as in "{_written(value)}"'


def _not_a_number(value: Any, is_whole: bool, unit: str) -> str:
    what = f"a {'whole ' if is_whole else ''}number{f' of {unit}' if unit else ''}"
    if value is None:
        return f"there is nothing here: write {what}"
    if isinstance(value, dict | list):
        return f"this must be {what}, and is a {'mapping' if isinstance(value, dict) else 'list'}"
    number = _meant(value, unit)
    if number is None or (is_whole and number != int(number)):
        return f"this must be {what}, and is `{_written(value)}`"
    if f"{number:g}" == str(value).strip():
        return f"this must be {what}: remove the quotes around {number:g}"
    return f"this must be {what}: write {number:g} instead of `{_written(value)}`"


def _meant(value: Any, unit: str) -> float | None:
    """Return the number that somebody probably meant; None if there is none."""
    if isinstance(value, int | float):
        return None if isinstance(value, bool) or not math.isfinite(value) else float(value)
    text = str(value).strip().lower()
    words = text.split()
    if words and words[0] in _WORDS:
        text = " ".join([str(_WORDS[words[0]]), *words[1:]])
    quantity = _QUANTITY.fullmatch(text)
    if quantity is None:
        return None
    number = float(quantity[1].replace(",", "."))
    if quantity[2] == "%":
        return number / 100
    if unit != SECONDS:
        return number
    factor = _IN_SECONDS.get(quantity[2])
    return None if factor is None else number * factor


def not_a_time(value: Any) -> str:
    """Say how to write a date and time.

    Args:
        value: what was written instead; a `datetime` that lacks its time zone, a `date`, or anything else.
    """
    if isinstance(value, datetime):
        return f"`{value}` needs a time zone: write it as in {value.isoformat()}+01:00"
    if isinstance(value, date):
        return f"`{value}` needs a time and a time zone: write it as in {value}T23:59:00+01:00"
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d\d:?\d\d$|Z$)", "", value.strip()))
        except ValueError:
            time = None
        if time is not None:
            return f"`{value}` must be written as {time.isoformat()}" if time.tzinfo else not_a_time(time)
    return f"`{_written(value)}` is not a date and time: write year, month, day and time zone as in {_A_TIME}"


def _written(value: Any) -> str:
    """Write a value as in a YAML file, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def fallback(error: msgspec.ValidationError) -> Problem:
    """Turn msgspec's own message into a problem."""
    message, _, path = str(error).partition(" - at `$")
    keys = [int(n) if n else k for k, n in re.findall(r"\.(\w+)|\[(\d+)\]", path.rstrip("`"))]
    return Problem(message, tuple(keys))
