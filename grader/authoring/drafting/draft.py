"""Drafts the catalog's entry for a wrong submission whose mistake has no name yet."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from grader.authoring.drafting.entry import entry_text
from grader.authoring.drafting.search import Match, Search
from grader.authoring.drafting.twins import Twins
from grader.checks.hypothesis_profile import configure_hypothesis
from grader.checks.outcome import Outcome
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course, Exercise
from grader.course.mistakes import FOLDER
from grader.errors import NoReference, UsageError
from grader.grading.intake import Submission, write_files
from grader.grading.sandboxes import start_sandbox
from grader.grading.single import take_in_single
from grader.grading.unnamed import is_unnamed
from grader.port import OtherProcess, Transport, Workspace
from grader.text import listed, printable
from grader.writing import write_report

MAX_NAMED = 8
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Draft:
    """An entry, and what to do with it.

    Attributes:
        text: the entry, as YAML.
        sentences: what was found, and what to do next.
    """

    text: str
    sentences: tuple[str, ...]


def draft_from(course: Course, path: Path, exercise: str | None, out: Path | None, tell: Tell) -> Draft:
    """Draft an entry of the catalog from a submission.

    Args:
        course: the course.
        path: the submission: a folder, an archive or a file.
        exercise: the exercise that the mistake is in; None if there is only one with a mistake that has no name.
        out: a file for the entry, which must not exist yet; None writes none.
        tell: called with a line about each step.

    Raises:
        UsageError: no failure lacks a name, or several exercises have one; or the file exists.
        NoReference: there are no solutions.
        NoSubmissions: there is nothing at the path.
        NotWritten: the entry cannot be written.
    """
    if not course.has_solutions:
        raise NoReference(f"There are no solutions in {course.root}, so there is no catalog. Use the full course.")
    if out is not None and out.exists():
        raise UsageError(f"{out} exists already. Choose another file for the draft: --out FILE")
    submission = take_in_single(path, course)
    exercises = [each for each in course.exercises if each.id in submission.sources and exercise in (None, each.id)]
    if not exercises:
        what = f"no module or notebook for `{exercise}`" if exercise else "nothing that can be graded"
        raise UsageError(f"There is {what} in {path}. Name the folder of one submission, or its file.")
    torch.set_num_threads(1)
    with _connecting(tell) as connect, tempfile.TemporaryDirectory(prefix="draft-") as folder:
        drafting = _Drafting(course, submission, connect, Path(folder), tell)
        with drafting.runner(exercises):
            draft = drafting.draft(exercises)
    if out is not None:
        write_report(out, draft.text)
    return draft


@contextlib.contextmanager
def _connecting(tell: Tell) -> Iterator[Callable[[Workspace], Transport]]:
    """Provide a way to open a submission's modules: in a sandbox, if there is one."""
    sandbox, reason = start_sandbox()
    if sandbox is None:
        tell(f"Not sandboxed, so the submission's code runs with your permissions: {reason}.")
        yield OtherProcess
        return
    try:
        yield functools.partial(OtherProcess, start=sandbox.open)
    finally:
        sandbox.close()


class _Drafting:
    """Runs a submission's checks, looks for an edit, and writes the entry."""

    def __init__(
        self,
        course: Course,
        submission: Submission,
        connect: Callable[[Workspace], Transport],
        folder: Path,
        tell: Tell,
    ) -> None:
        self._course, self._submission, self._connect, self._tell = course, submission, connect, tell
        self._own, self._edited, self._asked = (folder / name for name in ("own", "edited", "asked"))
        for each in (self._own, self._edited, self._asked):
            each.mkdir()
        self._under_test = SubmissionUnderTest(course, connect)
        self._runner: Runner | None = None

    @contextlib.contextmanager
    def runner(self, exercises: list[Exercise]) -> Iterator[None]:
        """Collect the checks of some exercises."""
        checks = [check for exercise in exercises for check in exercise.checks]
        with Runner(self._course, self._under_test, checks) as self._runner:
            # Nobody reads the failing cases.
            configure_hypothesis(shrink=False)
            yield

    def draft(self, exercises: list[Exercise]) -> Draft:
        """Draft an entry for the only one of these exercises in which something fails without a name."""
        self._under_test.load(write_files(self._submission, self._own))
        outcomes = {}
        for exercise in exercises:
            self._tell(f"{exercise.id}: {len(exercise.checks)} checks")
            outcomes[exercise.id] = self._outcomes(exercise)
        unnamed = [name for name, of in outcomes.items() if any(is_unnamed(outcome) for outcome in of.values())]
        if not unnamed:
            known = {m.name for of in outcomes.values() for o in of.values() for m in o.mistakes if not m.is_measured}
            why = f"; it is known: {listed(sorted(known), MAX_NAMED)}" if known else ""
            raise UsageError(
                f"No check of {listed(list(outcomes), MAX_NAMED)} fails without a name{why}. There is nothing to draft."
            )
        if len(unnamed) > 1:
            raise UsageError(
                f"Several exercises have mistakes without a name: {', '.join(unnamed)}. Name one: --exercise ID"
            )
        exercise = self._course.by_id[unnamed[0]]
        return self._drafted(exercise, outcomes[exercise.id])

    def _outcomes(self, exercise: Exercise) -> dict[str, Outcome]:
        assert self._runner is not None
        return {check.id: self._runner.run(check)[0] for check in exercise.checks if self._runner.has(check)}

    def _drafted(self, exercise: Exercise, outcomes: Mapping[str, Outcome]) -> Draft:
        solution = (self._course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        submitted = self._submission.sources[exercise.id].decode("utf-8", "replace")
        cases, findings = self._under_test.answers(exercise.id) or ((), None)
        match, count = None, 0
        if findings is not None and findings.wrong:
            count = len(findings.answers)
            self._tell(f"comparing answers to {count} recorded cases")
            twins = Twins(self._course, exercise.id, cases, findings, self._connect, self._asked)
            match = Search(twins, functools.partial(self._failing, exercise), self._tell).smallest(
                self._course, exercise.id, solution, submitted
            )
        failed = tuple(check for check, outcome in outcomes.items() if outcome.status not in ("passed", "skipped"))
        first = next(check for check, outcome in outcomes.items() if is_unnamed(outcome))
        found = _what_was_found(self._submission.id, match, count, failed)
        measured = dict.fromkeys(m.did for outcome in outcomes.values() for m in outcome.mistakes if m.is_measured)
        comments = [
            f"Drafted from {printable(self._submission.id)}. {found}",
            *(f"Measured: {printable(sentence)}" for sentence in measured),
        ]
        check = match.failed[0] if match is not None else first
        text = entry_text(match.candidate if match else None, check, comments, submitted)
        return Draft(text, (found, *_what_next(self._course, exercise.id, match)))

    def _failing(self, exercise: Exercise, text: str) -> tuple[str, ...]:
        """List the checks that fail on an edited solution, next to the solutions of what it needs."""
        path = self._edited / f"{exercise.id}.py"
        path.write_text(text, encoding="utf-8")
        needed = {name: self._course.solutions / f"{name}.py" for name in self._course.all_needs(exercise.id)}
        self._under_test.diagnosing = False
        self._under_test.load(needed | {exercise.id: path})
        outcomes = self._outcomes(exercise)
        return tuple(check for check, outcome in outcomes.items() if outcome.status not in ("passed", "skipped"))


def _what_was_found(name: str, match: Match | None, cases: int, failed: tuple[str, ...]) -> str:
    """Say how good the edit is."""
    if match is None:
        if not cases:
            return "Its answers to the recorded cases are right, or there are none, so no edit could be compared."
        return f"No edit was found that gives the same answers in all {cases} recorded cases; reduce its code by hand."
    how = " within the bounds of float32" if match.is_rough else ""
    answers = f"gives the same answers{how} in all {cases} recorded cases"
    if match.failed != failed:
        answers += f", but {len(match.failed)} checks fail with it, and {len(failed)} with the submission"
    if not match.candidate.is_small:
        lines, _ = match.candidate.size
        return f"No small edit was found. This one, with {lines} lines, {answers}. Reduce it by hand."
    return f"This edit {answers}."


def _what_next(course: Course, exercise: str, match: Match | None) -> list[str]:
    path = course.solutions / FOLDER / f"{exercise}.yaml"
    try:
        shown = path.relative_to(Path.cwd())
    except ValueError:
        shown = path
    has_own_sentences = match is not None and bool(match.candidate.entry)
    write = "Give it a name" if has_own_sentences else "Give it a name, and write the sentences marked TODO"
    hidden = {check.id for check in course.by_id[exercise].checks if check.visibility == "hidden"}
    unseen = match is not None and not hidden & set(match.failed)
    return [
        *(["No hidden check fails with it, and the matrix asks for one."] if unseen else []),
        f"Put the entry into {shown}. {write}. Then run: grader build {exercise} && grader matrix {exercise}",
    ]
