"""One cause, one message: a cause that has been said is only referred to afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from grader.failures.rows import Mistake, Row
from grader.failures.visible_to_student import Shown

CAUSES = ("raised", "stopped", "died", "missing", "problem")
"""Kinds of rows that are a cause by themselves: the code did something else than returning a result."""


class SaidBefore:
    """The causes that a reader has been told of, in one list of failed checks.

    It gets what a student may see, and can only leave some of it out.
    """

    def __init__(self) -> None:
        self._causes: set[tuple[object, ...]] = set()
        self._kinds: Counter[str] = Counter()
        self._mistakes: set[tuple[Mistake, ...]] = set()

    def shortened(self, shown: Shown) -> Shown:
        """Return what to show of a failure: of a cause that was said before, only a reference to it."""
        is_measured = all(mistake.is_measured for mistake in shown.mistakes)
        if is_measured and shown.mistakes in self._mistakes:
            # What was measured is true of the code, but needn't explain every failure.
            shown = replace(shown, mistakes=())
        if shown.mistakes and not (is_measured and any(row.kind == "raised" for row in shown.rows)):
            if shown.mistakes not in self._mistakes:
                self._mistakes.add(shown.mistakes)
                return shown
            which = " ".join(mistake.did for mistake in shown.mistakes) if len(self._mistakes) > 1 else ""
            rows = [row for row in shown.rows if row.kind != "hint"]
            position = next((i for i, row in enumerate(rows) if row.kind in ("see", "rerun")), len(rows))
            rows.insert(position, Row("same_mistake", (which,)))
            return replace(shown, rows=tuple(rows), mistakes=())
        cause = next((row for row in shown.rows if row.kind in CAUSES), None)
        if cause is None or not shown.title:
            return shown
        positions = next((row.places[-1:] for row in shown.rows if row.kind == "at"), ())
        text = cause.lines[0] if cause.lines else ""
        short = cause.about[0] if cause.about else text
        # What is raised at a line is one cause, even if the text has other sizes from check to check.
        key = (cause.kind, short, *positions) if positions else (cause.kind, *cause.lines)
        if key not in self._causes:
            self._causes.add(key)
            self._kinds[short] += 1
            return shown
        # The first words are enough, unless that could be several causes.
        reference = short if positions or self._kinds[short] == 1 else text
        return replace(shown, rows=(Row("again", (reference,), positions),), mistakes=())
