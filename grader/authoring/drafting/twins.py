"""Asks edited solutions the recorded cases of an exercise, and says which of them answer as a submission did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path

from grader.authoring.drafting.candidates import Candidate
from grader.course import Course
from grader.diagnosis import Case, Findings
from grader.diagnosis.answers import agree, without_constants
from grader.diagnosis.cases import ask_often
from grader.port import InProcess, Transport, Workspace

SECONDS = 10.0
"""The time for one case, as in a diagnosis."""

Connect = Callable[[Workspace], Transport]


class Likeness(IntEnum):
    """How an edited solution answers: otherwise, as the submission within the bounds of float32, or just so."""

    NONE = 0
    ROUGH = 1
    EXACT = 2


class Twins:
    """Compares the answers of edited solutions with those of a submission.

    Args:
        course: the course.
        exercise: the exercise's id.
        cases: its recorded cases.
        findings: the submission's answers to them.
        connect: opens a module of which a submission wrote some lines.
        folder: an empty folder for the modules.
    """

    def __init__(
        self,
        course: Course,
        exercise: str,
        cases: Sequence[Case],
        findings: Findings,
        connect: Connect,
        folder: Path,
    ) -> None:
        self._course, self._exercise = course, exercise
        self._cases, self._findings = cases, findings
        self._connect, self._folder = connect, folder
        # What the submission gets wrong rules out most edits, and random cases take longest.
        self._order = sorted(
            findings.answers, key=lambda position: (cases[position].random, position not in findings.wrong, position)
        )

    @property
    def can_tell(self) -> bool:
        """Whether the cases tell the submission from a right answer, so that it makes sense to compare."""
        return bool(self._findings.wrong)

    def likeness(self, candidate: Candidate) -> Likeness:
        """Ask a candidate the recorded cases, up to the first that it answers otherwise than the submission."""
        path = self._folder / f"{self._exercise}.py"
        path.write_text(candidate.text, encoding="utf-8")
        needed = {name: self._course.standins / f"{name}.py" for name in self._course.all_needs(self._exercise)}
        workspace = Workspace({**needed, self._exercise: path})
        transport = InProcess(workspace) if candidate.is_ours else self._connect(workspace)
        try:
            likeness = Likeness.EXACT
            for position in self._order:
                likeness = min(likeness, self._in_case(transport, position))
                if likeness is Likeness.NONE:
                    break
            return likeness
        finally:
            transport.close()

    def _in_case(self, transport: Transport, position: int) -> Likeness:
        case = self._cases[position]
        answer = ask_often(transport, case, SECONDS)
        if answer is None:
            return Likeness.NONE
        answer, got = without_constants(answer, case.answers[0]), self._findings.answers[position]
        if agree(got, answer, case.loose, case.free):
            return Likeness.EXACT
        return Likeness.ROUGH if agree(got, answer, case.loose, case.free, roughly=True) else Likeness.NONE
