"""Edits of a solution that may be a submission's mistake: stock mistakes, families, and small changes."""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from grader.authoring.mutation import NoCosmicRay, cosmic_changes, marked_lines
from grader.course import Course
from grader.course.edits import EditError, Program, diff, merge, parse
from grader.course.mistakes import family_edits
from grader.course.stock_mistakes import STOCK, NoPlace, Scope
from grader.practice.operators import changes

SMALL = 8
"""The most lines that a small edit removes and adds."""
_PARENTHESES = re.compile(r"^( *(?:return|[\w.]+ =) )\((.*)\)$", re.MULTILINE)
"""A statement whose value is in parentheses that it may not need."""


@dataclass(frozen=True)
class Candidate:
    """An edit of a solution.

    Attributes:
        text: the solution with the edit.
        edit: the edit, as the catalog has it.
        entry: what the catalog's entry says in place of an edit, such as the name of a stock mistake.
        name: the name of the entry, if it can't be another.
        is_ours: whether nothing in it is from a submission.
        is_own_code: whether it is the submission's own code as a whole, and so not small.
    """

    text: str
    edit: str
    entry: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    is_ours: bool = True
    is_own_code: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """How much is changed: lines, then characters."""
        lines = [line[1:].strip() for line in self.edit.splitlines() if line[:1] in "+-"]
        return len(lines), sum(map(len, lines))

    @property
    def is_small(self) -> bool:
        """Whether it can stay as it is; otherwise somebody should reduce it."""
        return self.size[0] <= SMALL


def candidate_of(solution: str, text: str, *, is_ours: bool = True, is_own_code: bool = False) -> Candidate | None:
    """Make a candidate of a changed solution; None if it is no program, or if no edit can be written for it."""
    program = Program(solution)
    try:
        with warnings.catch_warnings(action="ignore"):
            meaning = ast.dump(ast.parse(text))
        without = _PARENTHESES.sub(r"\1\2", text)
        text = without if _means(without, meaning) else text
        if meaning == ast.dump(program.tree):
            return None
        edit = diff(solution, text)
        made = merge(program, [change for hunk in parse(edit) for change in hunk.changes(program)])
        if made is None or ast.dump(ast.parse(made)) != meaning:
            return None
    except (SyntaxError, ValueError):
        # An edit that doesn't fit is an `EditError`, which is a ValueError.
        return None
    return Candidate(made, edit, is_ours=is_ours, is_own_code=is_own_code)


def _means(text: str, meaning: str) -> bool:
    try:
        return ast.dump(ast.parse(text)) == meaning
    except SyntaxError:
        return False


def known_edits(course: Course, exercise: str, solution: str) -> Iterator[Candidate]:
    """Yield what the stock mistakes and the families make of a solution."""
    program = Program(solution)
    for name, stock in STOCK.items():
        for at in ("", *program.definitions):
            try:
                text = merge(program, stock.changes(Scope(program, at)))
            except NoPlace:
                continue
            candidate = None if text is None else candidate_of(solution, text)
            if candidate is not None:
                entry = {"stock": name} | ({"at": at} if at else {})
                yield Candidate(candidate.text, candidate.edit, entry)
                break
    for family, name, edit in family_edits(course, exercise):
        try:
            text = merge(program, [change for hunk in parse(edit) for change in hunk.changes(program)])
        except EditError:
            continue
        candidate = None if text is None else candidate_of(solution, text)
        if candidate is not None:
            yield Candidate(candidate.text, candidate.edit, {"family": family}, name)


def small_changes(solution: str) -> Iterator[Candidate]:
    """Yield the solution with each small change that could be a mistake, in the lines that a learner writes."""
    texts = [text for _, text in changes(ast.parse(solution), solution)]
    # Without Cosmic Ray, our own operators are most of them.
    with contextlib.suppress(NoCosmicRay):
        texts += [text for _, text in cosmic_changes(solution)]
    marked = marked_lines(solution)
    lines = solution.splitlines()
    seen: set[str] = set()
    for text in texts:
        pairs = enumerate(zip(lines, text.splitlines(), strict=False), start=1)
        if next((number for number, (old, new) in pairs if old != new), 0) not in marked:
            continue
        candidate = candidate_of(solution, text)
        if candidate is not None and candidate.text not in seen:
            seen.add(candidate.text)
            yield candidate
