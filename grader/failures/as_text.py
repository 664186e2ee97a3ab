"""A failure as lines of text, for a terminal and for everything that is read like one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.failures.rows import INSTEAD_OF_TITLE, Mistake, Place, Row
from grader.failures.visible_to_student import Shown
from grader.text import printable

WIDTH = 220
"""Characters in a line; what is longer is cut."""
MAX_LINES = 12
MAX_CALL_LINES = 4
LABELS = {"missing": "problem"}
"""Labels of the kinds that aren't labelled with their own name."""
NEXT = ("open", "see", "rerun")
"""Kinds that come last, after the hint."""


@dataclass(frozen=True)
class Files:
    """How files are called where the learner works with files and a terminal."""

    rerun = True
    """Whether there is a command line on which a check can be run again."""

    def module(self, exercise: str) -> str:
        """Name the learner's code for an exercise, in the middle of a sentence."""
        return f"{exercise}.py"

    def absent(self, exercise: str) -> str:
        """Name the code that isn't there."""
        return f"{exercise}.py"

    def editor(self, exercise: str) -> str:
        """Say where the code is written."""
        return f"exercises/{exercise}.py"

    def lesson(self, exercise: str) -> str:
        """Say where the lesson is."""
        return f"exercises/{exercise}.md"


FILES = Files()


def message(shown: Shown, words: Files = FILES) -> list[str]:
    """Write a failure as at most twelve lines: title, what was called, what came, what was expected, what to do.

    Args:
        shown: what may be seen of it.
        words: how files are called.
    """
    return rows_as_text(shown.title, shown.rows, shown.mistakes, words)


def rows_as_text(title: str, rows: Sequence[Row], mistakes: Sequence[Mistake] = (), words: Files = FILES) -> list[str]:
    """Write rows as lines below a title, each row beside its label; a row that explains more replaces the title."""
    first = next((_headline(row, words) for row in rows if row.kind in INSTEAD_OF_TITLE), [title])
    told = [row for row in rows if row.kind not in (*INSTEAD_OF_TITLE, "called", "hint", *NEXT)]
    about = _about(rows, mistakes)
    body = [labelled for row in told for labelled in _labelled(row, words)]
    last = [labelled for row in rows if row.kind in NEXT for labelled in _labelled(row, words)]
    if len(mistakes) > 1 and len(body) + len(about) > MAX_LINES - 4:
        about = about[:-1]
    room = MAX_LINES - 1 - len(body) - len(about) - len(last)
    calls = [line for row in rows if row.kind == "called" for line in _calls(row, min(MAX_CALL_LINES, room))]
    lines = [*_beside("called", calls), *body, *about, *last]
    width = max((len(label) for label, _ in lines), default=0)
    return [*first, *(_cut(f"  {label:<{width}}  {text}") for label, text in lines)]


def in_brief(shown: Shown) -> list[str]:
    """Write a failure as sentences, without its case: what the check holds, then the mistakes or a hint."""
    if not shown.title:
        return [f"A hidden check: {shown.category}." if shown.category else "A hidden check."]
    about = [text for mistake in shown.mistakes for text in (mistake.did, mistake.why)]
    hints = [line for row in shown.rows if row.kind == "hint" for line in row.lines]
    return [shown.title, *((about or hints) if shown.status == "failed" else [])]


def in_full_or_brief(shown: Shown, words: Files = FILES) -> list[str]:
    """Write all that may be seen of a failure."""
    return message(shown, words) if shown.in_full else in_brief(shown)


def explained(mistakes: Sequence[Mistake]) -> str:
    """Write in one line what was done and why it is wrong."""
    return " ".join(f"{mistake.did} {mistake.why}" for mistake in mistakes)


def place_text(place: Place, words: Files = FILES) -> str:
    """Say where in the learner's code something happened."""
    inside = f", in {place.function}" if place.function != "<module>" else ""
    code = f": {place.code}" if place.code else ""
    return f"{place.cell or words.module(place.module)}, line {place.line}{inside}{code}"


def _headline(row: Row, words: Files) -> list[str]:
    """Write a row that takes the place of the check's title."""
    text, module = "\n".join(row.lines), words.module(row.exercise)
    match row.kind:
        case "not_written":
            return [text or "This is not written yet."]
        case "absent":
            return [f"There is no {words.absent(row.exercise)} in this submission."]
        case "not_imported":
            return [f"{module} cannot be imported{f': {text}' if text else '.'}"]
        case "import_stopped":
            return [f"{module} does not come back from being imported ({text})."]
        case "import_died":
            return [f"{module} ends its process while it is imported ({text})."]
        case "not_run":
            return [f"Not run: {text}."]
        case "given_up":
            return [f"Not run: too many calls of {module} did not come back."]
        case "fault":
            return ["This check was not run. That is the grader's fault, not yours."]
        case "broken":
            first, *rest = row.lines or ("",)
            return [f"The check itself failed, which is not your fault: {first}", *rest]
    return list(row.lines)


def _about(rows: Sequence[Row], mistakes: Sequence[Mistake]) -> list[tuple[str, str]]:
    """Say what was done, where that is known, else what the check's own hint is."""
    match mistakes:
        case (mistake,):
            return [("mistake", mistake.did), ("", mistake.why), ("hint", mistake.hint)]
        case (first, second):
            return [
                ("mistakes", f"Two at once. {first.did}"),
                ("", second.did),
                ("hint", first.hint),
                ("", second.hint),
            ]
    return [labelled for row in rows if row.kind == "hint" for labelled in _beside("hint", row.lines)]


def _labelled(row: Row, words: Files) -> list[tuple[str, str]]:
    """Write a row as lines of text, the first beside the row's label."""
    match row.kind:
        case "open":
            lines: Sequence[str] = [words.editor(row.exercise)]
        case "see":
            lines = ["; ".join([words.lesson(row.exercise), *row.lines])]
        case "rerun":
            lines = [f"pytest -k {line}" for line in row.lines if words.rerun]
        case "missing":
            name, *found = row.lines
            module = words.module(row.exercise)
            among = f"; found: {', '.join(found)}" if found else ""
            lines = [printable(f"there is no {f'`{name}` in {module}' if name else module}{among}")]
        case _:
            lines = [*row.lines, *(place_text(place, words) for place in row.places)]
    return _beside(LABELS.get(row.kind, row.kind), lines)


def _beside(label: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", line) for number, line in enumerate(lines)]


def _calls(row: Row, most: int) -> list[str]:
    """Choose the most important lines of a program, in their order, and count the others in the place of the first."""
    most = max(1, most)
    if len(row.lines) + row.more <= most:
        return list(row.lines)
    kept = sorted((row.order or range(len(row.lines)))[: most - 1])
    left = [number for number in range(len(row.lines)) if number not in kept]
    count = len(left) + row.more
    shown = [(number, row.lines[number]) for number in kept]
    shown.append((left[0] if left else len(row.lines), f"… {count} more line{'s' if count > 1 else ''} …"))
    return [line for _, line in sorted(shown)]


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
