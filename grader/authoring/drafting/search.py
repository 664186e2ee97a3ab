"""Looks for the smallest edit of a solution that answers as a submission does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import Candidate, known_edits, small_changes
from grader.authoring.drafting.nearness import near_edits, own_code
from grader.authoring.drafting.transplants import transplants
from grader.authoring.drafting.twins import Likeness, Twins
from grader.course import Course

MOST_SECONDS = 300.0
"""How long edits are tried; what is left then is not."""
TELL_EVERY = 50


@dataclass(frozen=True)
class Match:
    """An edit that answers as a submission does, in all recorded cases, and the checks that fail with it.

    Attributes:
        candidate: the edit.
        failed: the ids of the checks that fail, in the order of the course.
        is_rough: whether its answers agree only within the bounds of float32.
    """

    candidate: Candidate
    failed: tuple[str, ...]
    is_rough: bool


class Search:
    """Looks for an edit.

    Args:
        twins: compares answers.
        failing: returns the checks that fail on a module.
        tell: called with a line about each step.
        seconds: how long to look.
    """

    def __init__(
        self,
        twins: Twins,
        failing: Callable[[str], tuple[str, ...]],
        tell: Callable[[str], None],
        seconds: float = MOST_SECONDS,
    ) -> None:
        self._twins, self._failing, self._tell = twins, failing, tell
        self._end = time.monotonic() + seconds
        self._rough: Candidate | None = None
        self.tried = 0

    def smallest(self, course: Course, exercise: str, solution: str, submitted: str) -> Match | None:
        """Return the smallest edit that answers alike; the submission's own code if no small one does.

        Args:
            course: the course.
            exercise: the exercise's id.
            solution: the solution's text.
            submitted: the text of the submission's module.
        """
        near = list(near_edits(solution, submitted))
        self._tell(f"{len(near)} edits from the submission's own lines")
        best = self._first(_by_size(edit for edit in near if not edit.is_own_code))
        ours = _by_size([*known_edits(course, exercise, solution), *small_changes(solution)])
        smaller = [edit for edit in ours if best is None or edit.size < best.candidate.size]
        self._tell(f"{len(smaller)} stock mistakes, mistakes of families, and small changes of the solution")
        best = self._first(smaller) or best
        if best is None or not best.candidate.is_small:
            single = _by_size(edit for edit in transplants(solution, submitted) if edit.is_small)
            # Those that need a process of their own take much longer.
            single.sort(key=lambda edit: not edit.is_ours)
            self._tell(f"{len(single)} single operations of the submission, put into the solution")
            best = self._first(single) or best
        best = best or self._accepted(self._rough, is_rough=True)
        if best is not None:
            return best
        whole = [*_by_size(edit for edit in near if edit.is_own_code), own_code(solution, submitted)]
        return self._first([edit for edit in whole if edit is not None])

    def _first(self, candidates: Sequence[Candidate]) -> Match | None:
        """Return the first edit that answers alike and that a check catches."""
        for number, candidate in enumerate(candidates, start=1):
            if time.monotonic() > self._end and not candidate.is_own_code:
                self._tell(f"time is up; not tried: {len(candidates) - number + 1} edits")
                return None
            self.tried += 1
            likeness = self._twins.likeness(candidate)
            if likeness is Likeness.ROUGH and self._rough is None:
                self._rough = candidate
            match = self._accepted(candidate) if likeness is Likeness.EXACT else None
            if match is not None:
                return match
            if number % TELL_EVERY == 0:
                self._tell(f"{number} of {len(candidates)} tried")
        return None

    def _accepted(self, candidate: Candidate | None, is_rough: bool = False) -> Match | None:
        """Return a match unless no check fails with the edit, which then can't be what is wrong."""
        failed = () if candidate is None else self._failing(candidate.text)
        return Match(candidate, failed, is_rough) if candidate is not None and failed else None


def _by_size(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: candidate.size)
