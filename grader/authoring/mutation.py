"""Make the mutants of a solution: every small change to its marked parts that could be a mistake.

Cosmic Ray's operators change Python: operators, comparisons, numbers, conditions, loops. Those of
`grader.practice.operators` add what goes wrong in tensor code.

They don't change what the learner is given (signatures, docstrings, the split pattern), annotations, or the words of
messages and prints, which learners choose freely.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grader.course.stub import BEGIN, END
from grader.practice.operators import changes, meaning_of


class NoCosmicRay(Exception):
    """Cosmic Ray is not installed."""


@dataclass(frozen=True)
class Position:
    """Where a mutant differs from the solution, without line numbers, which every edit above would shift.

    Attributes:
        function: the function or method that was changed, as `Class.method`.
        was: the changed lines, without indentation and comments.
        now: the lines that replace them.
        nth: which of several equal lines of that function it is; the first is 1.
    """

    function: str
    was: str
    now: str
    nth: int = 1


@dataclass(frozen=True)
class Mutant:
    """A solution with one small change: its text, where it changed, and the operator that changed it."""

    position: Position
    operator: str
    line: int
    text: str


def make_mutants(solution: str) -> list[Mutant]:
    """Make every mutant of a solution once, in the order of its lines.

    Raises:
        NoCosmicRay: the message says what to install.
    """
    tree = ast.parse(solution)
    marked = marked_lines(solution)
    seen = {meaning_of(solution)}
    mutants: list[Mutant] = []
    for operator, text in [*changes(tree, solution), *cosmic_changes(solution)]:
        meaning = meaning_of(text)
        if meaning is None or meaning in seen:
            continue
        seen.add(meaning)
        first, was, now = _difference(solution, text)
        if first in marked:
            mutants.append(Mutant(Position(_function_at(tree, first), was, now), operator, first, text))
    return _numbered(sorted(mutants, key=lambda mutant: mutant.line))


def marked_lines(solution: str) -> set[int]:
    """Return the numbers of the lines that the learner writes, between the marks."""
    numbers: set[int] = set()
    inside = False
    for number, line in enumerate(solution.splitlines(), start=1):
        if END.match(line):
            inside = False
        if inside:
            numbers.add(number)
        inside = inside or bool(BEGIN.match(line))
    return numbers


def cosmic_changes(solution: str) -> Iterator[tuple[str, str]]:
    """Yield each change that Cosmic Ray makes to a solution: the operator's name and the new text.

    Raises:
        NoCosmicRay: the message says what to install.
    """
    try:
        from cosmic_ray.mutating import mutate_code  # type: ignore[import-not-found, unused-ignore]
        from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise NoCosmicRay('Mutants are made with Cosmic Ray. Install it: pip install -e ".[mutants]"') from None
    for name in operator_names():
        operator = get_operator(name)
        # Operators with arguments replace variables with random numbers; `_other_names` uses the names that exist.
        number = 0
        while not operator.arguments() and (text := mutate_code(solution, operator(), number)) is not None:
            yield name.rpartition("/")[2], text
            number += 1


def _difference(old: str, new: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and the lines that differ, in the old text and in the new."""
    before, after = old.splitlines(), new.splitlines()
    start = next(i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start + 1, bare(before[start : len(before) - end]), bare(after[start : len(after) - end])


def bare(lines: list[str]) -> str:
    """Return lines without indentation and comments."""
    return "\n".join(re.sub(r"\s+# .*$", "", line).strip() for line in lines)


def _function_at(tree: ast.Module, line: int) -> str:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            names.append(node.name)
    return ".".join(names)


def _numbered(mutants: list[Mutant]) -> list[Mutant]:
    """Give a number to each of the mutants that make the same change to equal lines of one function."""
    times_seen: Counter[Position] = Counter()
    numbered = []
    for mutant in mutants:
        times_seen[mutant.position] += 1
        position = Position(
            mutant.position.function, mutant.position.was, mutant.position.now, times_seen[mutant.position]
        )
        numbered.append(Mutant(position, mutant.operator, mutant.line, mutant.text))
    return numbered
