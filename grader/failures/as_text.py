"""A failure as lines of text, for a terminal and for reports that show text as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import msgspec

from grader.failures.advice import advice
from grader.failures.repeats import CAUSES
from grader.failures.rows import INSTEAD_OF_TITLE, OTHER_NAMES, RAISES, SHAPES, Mistake, Position, Row
from grader.failures.visible_to_student import Shown
from grader.text import in_one_line, printable

WIDTH = 220
"""Characters in a line; longer lines are cut."""
MAX_LINES = 12
MAX_CALL_LINES = 4
BRIEF = 120
"""Characters of an exception's text in a sentence."""
LABELS = {
    "other": "the other",
    "missing": "problem",
    "standins": "note",
    "again": "the same",
    "same_mistake": "mistake",
    "slip": "mistake",
}
"""Labels of the kinds whose label isn't their own name."""
NAMES_FIT = "Arguments, parameters and parts have the names that the exercise gives them."
"""The title of a check that fails only because names differ."""
PRINT_SHAPES = "Just before this line, print the shape of everything that it combines."
NEXT = ("open", "see", "rerun")
"""Kinds that come last, after the hint."""


@dataclass(frozen=True)
class Files:
    """What code and lessons are called when the learner works with files and a terminal.

    Attributes:
        folder: where the learner's modules are, seen from where the learner is, for positions to click on; None on
            pages that are read elsewhere.
    """

    folder: str | None = field(default=None, kw_only=True)
    rerun: ClassVar[bool] = True
    """Whether the learner has a command line to run a check again."""

    def place(self, module: str, line: int) -> str:
        """Write a line of a module, so that an editor's terminal makes a link of it."""
        return f"{self.module(module)}, line {line}" if self.folder is None else f"{self.folder}{module}.py:{line}"

    def module(self, exercise: str) -> str:
        """Name the learner's code for an exercise, in the middle of a sentence."""
        return f"{exercise}.py"

    def absent(self, exercise: str) -> str:
        """Name code that is missing."""
        return f"{exercise}.py"

    def editor(self, exercise: str) -> str:
        """Say where to write the code."""
        return f"exercises/{exercise}.py"

    def lesson(self, exercise: str) -> str:
        """Say where the lesson is."""
        return f"exercises/{exercise}.md"


FILES = Files()


def message(shown: Shown, words: Files = FILES, whole: bool = False) -> list[str]:
    """Write a failure as at most twelve lines: title, call, result, expected result, and what to do next.

    Args:
        shown: the part of the failure that the reader may see.
        words: what files are called.
        whole: show every line of the call, however many that makes.
    """
    return rows_as_text(claim(shown), shown.rows, shown.mistakes, words, whole)


def claim(shown: Shown) -> str:
    """Write the title of a check that failed, so that nobody takes it for what the code does."""
    if not shown.title:
        return ""
    # What the check is about is right: it only bears what there is to say about names.
    return f"Expected: {NAMES_FIT if shown.category == OTHER_NAMES else shown.title}"


def rows_as_text(
    title: str, rows: Sequence[Row], mistakes: Sequence[Mistake] = (), words: Files = FILES, whole: bool = False
) -> list[str]:
    """Write rows as labeled lines below a title; a row of a kind in `INSTEAD_OF_TITLE` replaces the title."""
    headline = next((_headline(row, words) for row in rows if row.kind in INSTEAD_OF_TITLE), [title])
    body_rows = [row for row in rows if row.kind not in (*INSTEAD_OF_TITLE, "called", "hint", *NEXT)]
    explanation = _explanation(rows, mistakes)
    body = [labeled for row in body_rows for labeled in _labeled(row, words)]
    last = [labeled for row in rows if row.kind in NEXT for labeled in _labeled(row, words)]
    if len(mistakes) > 1 and len(body) + len(explanation) > MAX_LINES - 4:
        explanation = explanation[:-1]
    room = MAX_LINES - 1 - len(body) - len(explanation) - len(last)
    most = None if whole else min(MAX_CALL_LINES, room)
    can_see_all = not whole and words.rerun and any(row.kind == "rerun" for row in rows)
    how = " (rerun shows them)" if can_see_all else ""
    calls = [line for row in rows if row.kind == "called" for line in _calls(row, most, how)]
    lines = [*_with_label("called", calls), *body, *explanation, *last]
    width = max((len(label) for label, _ in lines), default=0)
    return [*headline, *(_cut(f"  {label:<{width}}  {text}") for label, text in lines)]


def in_brief(shown: Shown, words: Files = FILES) -> list[str]:
    """Write a failure as sentences, without its case: the check's title, then the mistakes, the cause or a hint."""
    if not shown.title:
        return [f"A hidden check: {shown.category}." if shown.category else "A hidden check."]
    mistakes = [text for made in _not_said_twice(shown.rows, shown.mistakes) for text in (made.did, made.why)]
    names = [line for row in shown.rows if row.kind in ("names", "slip") for line in row.lines]
    hints = [line for row in shown.rows if row.kind == "hint" for line in row.lines]
    if shown.status in ("not_started", "skipped"):
        return [shown.title]
    return [claim(shown), *(names or mistakes or hints or _cause_in_brief(shown.rows, words))]


def in_full_or_brief(shown: Shown, words: Files = FILES) -> list[str]:
    """Write everything that the reader may see of a failure."""
    return message(shown, words) if shown.in_full else in_brief(shown, words)


def _cause_in_brief(rows: Sequence[Row], words: Files) -> list[str]:
    """Say in a sentence what the code did instead of returning a result."""
    for row in rows:
        if row.kind in CAUSES:
            positions = [position for at in rows if at.kind == "at" for position in at.places[-1:]]
            text = printable(" ".join(line for _, line in _labeled(row, words)), BRIEF).rstrip(".")
            return [f"{text[0].upper()}{text[1:]}{_in_place(positions, words)}."]
        if row.kind == "again":
            (text,) = [line for _, line in _labeled(row, words)]
            return [f"The same: {text}."]
        if row.kind == "same_mistake":
            which = f": {row.lines[0]}" if row.lines[0] else "."
            return [f"The same mistake as above{which}"]
    return []


def _in_place(positions: Sequence[Position], words: Files) -> str:
    return "".join(f" ({_place(position, words)})" for position in positions)


def _place(position: Position, words: Files) -> str:
    if position.cell:
        return f"{position.cell}, line {position.line}"
    return words.place(position.module, position.line)


def explained(mistakes: Sequence[Mistake]) -> str:
    """Write in one line what the learner did and why it is wrong."""
    return " ".join(f"{mistake.did} {mistake.why}" for mistake in mistakes)


def position_text(position: Position, words: Files = FILES) -> str:
    """Say where in the learner's code something happened."""
    inside = f", in {position.function}" if position.function != "<module>" else ""
    code = f": {position.code}" if position.code else ""
    return f"{_place(position, words)}{inside}{code}"


def remark_text(row: Row, words: Files = FILES) -> str:
    """Write a remark about a learner's module, with its line."""
    return ": ".join([*row.lines, *(position_text(position, words) for position in row.places)])


def _headline(row: Row, words: Files) -> list[str]:
    """Write a row that replaces the check's title."""
    text, module = "\n".join(row.lines), words.module(row.exercise)
    match row.kind:
        case "not_written":
            return [text or "You haven't written this yet."]
        case "absent":
            return [f"There is no {words.absent(row.exercise)} in this submission."]
        case "not_imported":
            return [f"{module} cannot be imported{f': {text}' if text else '.'}"]
        case "import_stopped":
            return [f"Importing {module} doesn't finish ({text})."]
        case "import_died":
            return [f"Importing {module} ends the whole process ({text})."]
        case "not_run":
            return [f"Not run: {text}."]
        case "given_up":
            return [f"Not run: too many calls to {module} timed out."]
        case "fault":
            return ["This check was not run. That is the grader's fault, not yours."]
        case "broken":
            first, *rest = row.lines or ("",)
            return [f"The check itself broke, which isn't your fault: {first}", *rest]
    return list(row.lines)


def _not_said_twice(rows: Sequence[Row], mistakes: Sequence[Mistake]) -> Sequence[Mistake]:
    """Keep what was measured from repeating the exception above it; leave it out if it is about something else.

    It's also left out if there is advice about the exception.
    """
    raised = next((f"{RAISES} {in_one_line(row.lines[0])}" for row in rows if row.kind == "raised" and row.lines), "")
    if not raised or len(mistakes) != 1 or not mistakes[0].is_measured:
        return mistakes
    if RAISES not in mistakes[0].did or (raised in mistakes[0].did and advice(raised)):
        return ()
    return (msgspec.structs.replace(mistakes[0], did=mistakes[0].did.replace(raised, "raises this error")),)


def _explanation(rows: Sequence[Row], mistakes: Sequence[Mistake]) -> list[tuple[str, str]]:
    """Return the lines about the known mistakes, or a hint if no mistake is known: the check's, or how to look."""
    mistakes = _not_said_twice(rows, mistakes)
    match mistakes:
        case (mistake,):
            label = "measured" if mistake.is_measured else "mistake"
            return [(label, mistake.did), ("", mistake.why), ("hint", mistake.hint)]
        case (first, second):
            return [
                ("mistakes", f"Two at once. {first.did}"),
                ("", second.did),
                ("hint", first.hint),
                ("", second.hint),
            ]
    raised = " ".join(line for row in rows if row.kind == "raised" for line in row.lines[:1])
    if raised and not any(row.kind == "slip" for row in rows) and (sentence := advice(raised)):
        return [("hint", sentence)]
    hints = [labeled for row in rows if row.kind == "hint" for labeled in _with_label("hint", row.lines)]
    has_line = any(row.kind == "at" for row in rows)
    if not hints and has_line and any(row.kind == "raised" and SHAPES in row.about for row in rows):
        return [("hint", PRINT_SHAPES)]
    return hints


def _labeled(row: Row, words: Files) -> list[tuple[str, str]]:
    """Write a row as pairs of a label and a line; only the first has the row's label."""
    match row.kind:
        case "open":
            lines: Sequence[str] = [words.editor(row.exercise)]
        case "see":
            lines = ["; ".join([words.lesson(row.exercise), *row.lines])]
        case "rerun":
            lines = [f"pytest -k {line}" for line in row.lines if words.rerun]
        case "missing":
            name, *existing = row.lines
            module = words.module(row.exercise)
            instead = f"; found: {', '.join(existing)}" if existing else ""
            lines = [printable(f"there is no {f'`{name}` in {module}' if name else module}{instead}")]
        case "again":
            lines = [f"{printable(row.lines[0], BRIEF)}{_in_place(row.places, words)}, see above"]
        case "same_mistake":
            lines = [f"the same as above{f': {row.lines[0]}' if row.lines[0] else ''}"]
        case _:
            lines = [*row.lines, *(position_text(position, words) for position in row.places)]
    return _with_label(LABELS.get(row.kind, row.kind), lines)


def _with_label(label: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", line) for number, line in enumerate(lines)]


def _calls(row: Row, most: int | None, how: str) -> list[str]:
    """Choose a program's most important lines, in their order; a line that counts the others replaces the first one.

    Args:
        row: the row with the lines.
        most: the largest number of lines; None shows all.
        how: how to see the others, at the end of the line that counts them.
    """
    most = len(row.lines) + 1 if most is None else max(1, most)
    if len(row.lines) + row.more <= most:
        return list(row.lines)
    kept = sorted((row.order or range(len(row.lines)))[: most - 1])
    omitted = [number for number in range(len(row.lines)) if number not in kept]
    count = len(omitted) + row.more
    shown = [(number, row.lines[number]) for number in kept]
    counted = f"… {count} more line{'s' if count > 1 else ''}{how} …"
    shown.append((omitted[0] if omitted else len(row.lines), counted))
    return [line for _, line in sorted(shown)]


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
