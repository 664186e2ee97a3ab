"""Matching names: which of a learner's names stands for which of the exercise's. Pure functions, and never a guess.

A match maps names one to one, only names that the learner doesn't have, and only to names that the exercise doesn't
have. Names agree up to case and underscores, or are in one group of aliases; or everything else leaves one possibility.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.naming.aliases import ARGUMENTS, MEMBERS, PARTS, Aliases, alike, plain

Shape = tuple[int, ...]
Contents = frozenset[tuple[str, Shape]]
"""What is in a part of a module: the rest of each parameter's name, with its shape."""
Part = tuple[str, Contents]
T = TypeVar("T")

_WITH_A_NUMBER = re.compile(r"(?P<stem>[^\d.]*[^\d._])[._]?(?P<number>\d{1,6})(?P<rest>\..*|)")
"""A parameter whose first part ends with a number, or is followed by one."""


@dataclass(frozen=True)
class Argument:
    """An argument that a learner's class or function takes.

    Attributes:
        name: its name.
        kind: the name of its kind in `inspect.Parameter`.
        required: whether it has no default.
    """

    name: str
    kind: str
    required: bool


@dataclass(frozen=True)
class ArgumentMatch:
    """How to pass a call's arguments to a learner's class or function.

    Attributes:
        names: the learner's name of each argument that is called otherwise; empty if it isn't taken at all.
        by_position: the arguments that are taken only by position, in order.
        unmatched: the arguments for which nothing in the learner's signature can be told without guessing.
        required: the learner's arguments that must be given, and for which there is nothing to give.
    """

    names: Mapping[str, str]
    by_position: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


def match_objects(wanted: Iterable[str], existing: Sequence[str]) -> dict[str, str]:
    """Match the names of classes and functions, which agree up to case and underscores."""
    missing = [name for name in wanted if name not in existing]
    return _unique(missing, existing, lambda name, other: plain(name) == plain(other))


def match_members(wanted: Sequence[str], existing: Sequence[str]) -> dict[str, str]:
    """Match the methods and attributes of a class."""
    missing = [name for name in wanted if name not in existing]
    free = [name for name in existing if name not in wanted]
    return _unique(missing, free, lambda name, other: alike(name, other, MEMBERS))


def match_arguments(wanted: Sequence[str], taken: Sequence[Argument], by_position: int = 0) -> ArgumentMatch:
    """Match the arguments of a class or function.

    Args:
        wanted: all arguments that checks pass by name, in any order.
        taken: the learner's arguments, in their order.
        by_position: how many arguments checks pass by position before these.
    """
    named = [argument for argument in taken if not argument.kind.startswith("VAR_")][by_position:]
    names = [argument.name for argument in named]
    missing = [name for name in wanted if name not in names]
    takes_any = any(argument.kind == "VAR_KEYWORD" for argument in taken)
    if takes_any:
        missing = []
    free = [argument for argument in named if argument.name not in wanted]
    free_names = [argument.name for argument in free]
    matched = _unique(missing, free_names, lambda name, other: alike(name, other, ARGUMENTS))
    missing = [name for name in missing if name not in matched]
    required = [argument.name for argument in free if argument.required and argument.name not in matched.values()]
    if len(missing) == len(required) == 1:
        matched[missing.pop()] = required.pop()
    unmatched: tuple[str, ...] = ()
    if required or (missing and any(argument.kind == "VAR_POSITIONAL" for argument in taken)):
        unmatched = tuple(missing)
    else:
        matched |= dict.fromkeys(missing, "")
    ours = {learners: name for name, learners in matched.items()}
    only_by_position = [argument.name for argument in named if argument.kind == "POSITIONAL_ONLY"]
    return ArgumentMatch(matched, tuple(ours.get(name, name) for name in only_by_position), unmatched, tuple(required))


def match_parameters(wanted: Mapping[str, Shape], existing: Mapping[str, Shape]) -> dict[str, str]:
    """Match a module's parameters, by dotted name and shape.

    If both sides have as many parameters, a part with an unknown name is matched by what is in it, parts that are
    numbered, such as `head_0` and `head_1`, by their order, and a parameter by its shape, as long as no other has that.
    """
    matched: dict[str, str] = {}

    def missing() -> dict[str, Shape]:
        return {name: shape for name, shape in wanted.items() if name not in existing and name not in matched}

    def free() -> dict[str, Shape]:
        taken = set(matched.values())
        return {name: shape for name, shape in existing.items() if name not in wanted and name not in taken}

    def may_be(name: str, other: str) -> bool:
        return wanted[name] == existing[other] and _alike_dotted(name, other, PARTS)

    matched |= _unique(missing(), list(free()), may_be)
    if len(wanted) != len(existing):
        return matched
    ours, theirs = _parts(missing()), _parts(free())
    for part, learners in _unique(ours, list(theirs), lambda part, other: ours[part] == theirs[other]).items():
        matched |= {f"{part}{rest}": f"{learners}{rest}" for rest, _ in sorted(ours[part])}
    lists, learners_lists = _numbered(missing()), _numbered(free())

    def inside(parts: Sequence[Part]) -> list[Contents]:
        return [contents for _, contents in parts]

    for stem, other in _unique(
        lists, list(learners_lists), lambda stem, other: inside(lists[stem]) == inside(learners_lists[other])
    ).items():
        for (part, contents), (learners, _) in zip(lists[stem], learners_lists[other], strict=True):
            matched |= {f"{part}{rest}": f"{learners}{rest}" for rest, _ in sorted(contents)}
    matched |= _unique(missing(), list(free()), lambda name, other: wanted[name] == existing[other])
    return matched


def renamed_parts(matched: Mapping[str, str]) -> list[tuple[str, str]]:
    """List what has to be renamed for these parameters: pairs of the learner's name and ours, each once."""
    pairs: dict[tuple[str, str], None] = {}
    for name, learners in matched.items():
        ours, theirs = name.split("."), learners.split(".")
        if len(ours) == len(theirs):
            pairs |= {(other, part): None for part, other in zip(ours, theirs, strict=True) if part != other}
            continue
        while len(ours) > 1 and len(theirs) > 1 and ours[0] == theirs[0]:
            ours, theirs = ours[1:], theirs[1:]
        while len(ours) > 1 and len(theirs) > 1 and ours[-1] == theirs[-1]:
            ours, theirs = ours[:-1], theirs[:-1]
        pairs[".".join(theirs), ".".join(ours)] = None
    return list(pairs)


def _alike_dotted(name: str, other: str, aliases: Aliases) -> bool:
    ours, theirs = name.split("."), other.split(".")
    return len(ours) == len(theirs) and all(alike(*pair, aliases) for pair in zip(ours, theirs, strict=True))


def _numbered(parameters: Mapping[str, Shape]) -> dict[str, list[Part]]:
    """Group the parts that are numbered, such as `heads.0` or `head_0`, by what comes before the number, in order."""
    stems: dict[str, dict[tuple[int, str], set[tuple[str, Shape]]]] = {}
    for name, shape in parameters.items():
        if match := _WITH_A_NUMBER.fullmatch(name):
            stem, number, rest = match["stem"], match["number"], match["rest"]
            part = name.removesuffix(rest)
            stems.setdefault(stem, {}).setdefault((int(number), part), set()).add((rest, shape))
    return {
        stem: [(part, frozenset(inside)) for (_, part), inside in sorted(parts.items(), key=lambda item: item[0])]
        for stem, parts in stems.items()
    }


def _parts(parameters: Mapping[str, Shape]) -> dict[str, Contents]:
    """Group parameters by their first part: for each, the rest of the names, with shapes."""
    parts: dict[str, set[tuple[str, Shape]]] = {}
    for name, shape in parameters.items():
        part, dot, rest = name.partition(".")
        if dot:
            parts.setdefault(part, set()).add((f".{rest}", shape))
    return {part: frozenset(inside) for part, inside in parts.items()}


def _unique(wanted: Iterable[T], existing: Sequence[T], may_be: Callable[[T, T], bool]) -> dict[T, T]:
    """Match what has exactly one possibility, which in turn is possible for nothing else."""
    possible = {name: [other for other in existing if may_be(name, other)] for name in wanted}
    rivals = [other for others in possible.values() for other in others]
    return {name: others[0] for name, others in possible.items() if len(others) == 1 and rivals.count(others[0]) == 1}
