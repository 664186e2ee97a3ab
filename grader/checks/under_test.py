"""The submission that checks run on, and the ports to its modules."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grader.course import Check, Course
from grader.diagnosis import Diagnoser, Diagnosis, Examination, Findings
from grader.diagnosis.diagnose import BUDGET, SECONDS, Budget
from grader.errors import NoReference
from grader.port import Deadline, InProcess, Port, Transport, Workspace
from grader.port.port import Exchange
from grader.port.replay import Conversation, Memory, Remembered

_log = logging.getLogger(__name__)
REFERENCE_SECONDS = 120.0
CHECKS_FOR_BLAME = 3
"""How many checks of an exercise are run with one of the learner's modules at a time, to find which does harm."""


class SubmissionUnderTest:
    """One submission at a time, with ports to its own modules, or to one of them with stand-ins for the others.

    Args:
        course: the course whose exercises these are.
        connect: makes the transport to a workspace; in-process by default.
        diagnosing: whether to name mistakes, which doubles the time if much is wrong.
        memory: earlier conversations; a new memory by default.

    Attributes:
        own_seconds: the time that diagnosis and other work of the grader took since the submission was loaded.
    """

    def __init__(
        self,
        course: Course,
        connect: Callable[[Workspace], Transport] = InProcess,
        diagnosing: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self.course = course
        self.diagnosing = diagnosing
        self.memory = memory or Memory()
        self._connect = connect
        self._files: dict[str, Path] = {}
        self._own: Transport | None = None
        self._over_standins: dict[str, Transport] = {}
        self._with_one: dict[tuple[str, str], Transport] = {}
        self._blaming: dict[str, int] = {}
        self._reference: Transport | None = None
        self._deadlines: dict[tuple[str, bool], Deadline] = {}
        self._diagnosers: dict[str, Diagnoser] = {}
        self._examined: dict[str, Remembered[Examination] | None] = {}
        self._apart: list[Transport] = []
        self.own_seconds = 0.0

    def load(self, files: Mapping[str, Path]) -> None:
        """Load a submission in place of the one before; `files` contains its module for each exercise."""
        self.clear()
        self._files = dict(files)

    def clear(self) -> None:
        """Unload the submission, and end the processes that run for it."""
        for transport in [self._own, *self._over_standins.values(), *self._with_one.values(), *self._apart]:
            if transport is not None:
                transport.close()
        self._own, self._over_standins, self._with_one, self._deadlines, self._files = None, {}, {}, {}, {}
        self._blaming = {}
        self._examined, self._apart, self.own_seconds = {}, [], 0.0

    def has(self, exercise: str) -> bool:
        """Say whether the submission has a module for an exercise."""
        return exercise in self._files

    def port(self, exercise: str) -> Port:
        """Return a port to the submission's module for an exercise, with the submission's own other modules."""
        if self._own is None:
            self._own = self._connect(Workspace(self._files))
        return Port(self._own, exercise, self._deadline(exercise, False))

    def port_over_standins(self, exercise: str) -> Port:
        """Return a port to the module, with stand-ins for everything that the exercise needs."""
        if exercise not in self._over_standins:
            self._over_standins[exercise] = self._connect_over_standins(exercise)
        return Port(self._over_standins[exercise], exercise, self._deadline(exercise, True))

    def port_with(self, exercise: str, needed: str) -> Port:
        """Return a port to the module, with the submission's own `needed` and stand-ins for everything else."""
        key = (exercise, needed)
        if key not in self._with_one:
            standins = {name: path for name, path in self._standins(exercise).items() if name != needed}
            self._with_one[key] = self._connect(Workspace(self._files | standins))
        limits = self.course.by_id[exercise].limits
        return Port(self._with_one[key], exercise, Deadline(limits.after_timeout, limits.after_timeout, limits.check))

    def looks_for_blame(self, exercise: str) -> bool:
        """Say whether to find out which module makes a check of an exercise fail: only for the first few checks."""
        count = self._blaming[exercise] = self._blaming.get(exercise, 0) + 1
        return count <= CHECKS_FOR_BLAME

    def forgive(self, port: Port, seconds: float) -> None:
        """Give back seconds that the learner's code didn't use, to the check and to the whole submission."""
        port.deadline.forgive(seconds)
        self.own_seconds += seconds

    def hangs(self, exercise: str) -> bool:
        """Say whether a call of the exercise's own module has already run out of time."""
        deadline = self._deadlines.get((exercise, False))
        return deadline is not None and deadline.lost > 0

    def reference(self, exercise: str) -> Port:
        """Return a port to the reference solution, which lives in this process.

        Raises:
            NoReference: there is no `solutions/` folder.
        """
        if self._reference is None:
            files = {e.id: self.course.solutions / f"{e.id}.py" for e in self.course.exercises}
            files = {name: path for name, path in files.items() if path.is_file()}
            if not files:
                raise NoReference(f"There is no reference in {self.course.solutions}. Run the visible checks: pytest")
            self._reference = InProcess(Workspace(files))
        return Port(self._reference, exercise, Deadline(REFERENCE_SECONDS, REFERENCE_SECONDS))

    def prepare(self, exercise: str) -> None:
        """Load what is needed to name the mistakes of an exercise, before one of its checks fails."""
        if exercise not in self._diagnosers:
            self._diagnosers[exercise] = Diagnoser(self.course, exercise)

    def diagnose(self, check: Check, case: Sequence[Exchange], path: bytes) -> Diagnosis | None:
        """Name the mistake that made a check fail; None if it is not a known one.

        Args:
            check: the check.
            case: the requests and replies of the case that failed.
            path: identifies the whole conversation of the check; empty if it took too long.
        """
        start = time.monotonic()
        try:
            examined = self._examination(check.exercise)
            if examined is None:
                return None
            examination = examined.value
            if not path or not examined.path:
                return examination.diagnose(check.id, case)
            return self.memory.outcome(_DiagnosisConversation(examined, check, case, path)).value
        except Exception:
            # Odd replies may break the diagnosis, but the check still needs its result.
            _log.warning("no diagnosis of %s in %s", check.id, check.exercise, exc_info=True)
            return None
        finally:
            self.own_seconds += time.monotonic() - start

    def _examination(self, exercise: str) -> Remembered[Examination] | None:
        """Run the recorded cases on an exercise's module, once for each submission; None if that failed.

        They run on separate copies of the modules, so that they can't change what a check sees.
        """
        if exercise not in self._examined:
            self._examined[exercise] = None
            self.prepare(exercise)
            transport = self._connect_over_standins(exercise)
            self._apart.append(transport)
            conversation = _ExaminationConversation(exercise, transport, self._diagnosers[exercise])
            findings = self.memory.outcome(conversation)
            budget = Budget(conversation.end - time.monotonic())
            examination = Examination(self._diagnosers[exercise], findings.value, transport, budget)
            self._examined[exercise] = Remembered(examination, findings.path)
        return self._examined[exercise]

    def close(self) -> None:
        """Release everything."""
        self.clear()
        for diagnoser in self._diagnosers.values():
            diagnoser.close()
        self._diagnosers = {}

    def _connect_over_standins(self, exercise: str) -> Transport:
        return self._connect(Workspace(self._files | self._standins(exercise)))

    def _standins(self, exercise: str) -> dict[str, Path]:
        return {needed: self.course.standins / f"{needed}.py" for needed in self.course.all_needs(exercise)}

    def _deadline(self, exercise: str, over_standins: bool) -> Deadline:
        limits = self.course.by_id[exercise].limits
        fresh = Deadline(limits.call, limits.after_timeout, limits.check)
        return self._deadlines.setdefault((exercise, over_standins), fresh)


class _ExaminationConversation(Conversation[Findings]):
    """The recorded cases of an exercise, run on a learner's module within a budget of seconds."""

    def __init__(self, exercise: str, transport: Transport, diagnoser: Diagnoser) -> None:
        self.about = ("examination", exercise)
        self.transport = transport
        self.end = time.monotonic() + BUDGET
        self._diagnoser = diagnoser

    def seconds_left(self) -> float:
        return min(SECONDS, self.end - time.monotonic())

    def hold(self, transport: Transport) -> Findings:
        return self._diagnoser.examine(transport)

    def lasts(self, outcome: Findings) -> bool:
        return outcome.complete

    def forgive(self, seconds: float) -> None:
        self.end += seconds


class _DiagnosisConversation(Conversation[Diagnosis | None]):
    """The requests that tell apart the mistakes that a failed check may mean."""

    def __init__(self, examined: Remembered[Examination], check: Check, case: Sequence[Exchange], path: bytes) -> None:
        self.about = ("diagnosis", check.exercise, check.id, path, examined.path)
        self.transport = examined.value.transport
        self._examination, self._check, self._case = examined.value, check, case

    def seconds_left(self) -> float:
        return min(SECONDS, self._examination.budget.left)

    def hold(self, transport: Transport) -> Diagnosis | None:
        return self._examination.over(transport).diagnose(self._check.id, self._case)

    def has_replies(self, outcome: Diagnosis | None) -> bool:
        return False
