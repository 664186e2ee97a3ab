"""The bench on which checks run: whose modules lie on it, and the ports that lead to them."""

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


class SubmissionUnderTest:
    """One submission at a time, reached over its own modules or over stand-ins for what an exercise needs.

    Args:
        course: the course whose exercises these are.
        connect: makes the transport to a workspace, in-process by default.
        diagnosing: whether mistakes are called by their names, which takes as long again where much is wrong.
        memory: what was said before; a memory of its own by default.

    Attributes:
        own_seconds: what diagnosing and other work of ours has taken since the submission was seated.
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
        self._reference: Transport | None = None
        self._deadlines: dict[tuple[str, bool], Deadline] = {}
        self._diagnosers: dict[str, Diagnoser] = {}
        self._examined: dict[str, Remembered[Examination] | None] = {}
        self._apart: list[Transport] = []
        self.own_seconds = 0.0

    def load(self, files: Mapping[str, Path]) -> None:
        """Put a submission on the bench, and take the one before it off: `files` holds its module for each exercise."""
        self.clear()
        self._files = dict(files)

    def clear(self) -> None:
        """Take the submission off the bench and end what runs for it."""
        for transport in [self._own, *self._over_standins.values(), *self._apart]:
            if transport is not None:
                transport.close()
        self._own, self._over_standins, self._deadlines, self._files = None, {}, {}, {}
        self._examined, self._apart, self.own_seconds = {}, [], 0.0

    def has(self, exercise: str) -> bool:
        """Say whether the submission has a module for an exercise."""
        return exercise in self._files

    def port(self, exercise: str) -> Port:
        """Return a port to the submission's module for an exercise, over the submission's own other modules."""
        if self._own is None:
            self._own = self._connect(Workspace(self._files))
        return Port(self._own, exercise, self._deadline(exercise, False))

    def port_over_standins(self, exercise: str) -> Port:
        """Return a port to the module with stand-ins in the place of everything that the exercise needs."""
        if exercise not in self._over_standins:
            self._over_standins[exercise] = self._connect_over_standins(exercise)
        return Port(self._over_standins[exercise], exercise, self._deadline(exercise, True))

    def forgive(self, port: Port, seconds: float) -> None:
        """Take seconds that were not the learner's from what a check and the whole submission have used."""
        port.deadline.forgive(seconds)
        self.own_seconds += seconds

    def hangs(self, exercise: str) -> bool:
        """Say whether a call of the exercise's own module has not come back so far."""
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
        """Load what it takes to name the mistakes of an exercise, before one of its checks has failed."""
        if exercise not in self._diagnosers:
            self._diagnosers[exercise] = Diagnoser(self.course, exercise)

    def diagnose(self, check: Check, case: Sequence[Exchange], path: bytes) -> Diagnosis | None:
        """Name the mistake for which a check has just failed; None where it is none that is known.

        Args:
            check: the check.
            case: what was asked and replied in the case in which it failed.
            path: what stands for all that was said in the check; empty where it took its time.
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
            # What odd answers do to a diagnosis must not cost the verdict.
            _log.warning("no diagnosis of %s in %s", check.id, check.exercise, exc_info=True)
            return None
        finally:
            self.own_seconds += time.monotonic() - start

    def _examination(self, exercise: str) -> Remembered[Examination] | None:
        """Put the recorded cases to an exercise's module, once for each submission; None where that has failed.

        They are put to modules of their own, so that nothing that a check sees depends on what was asked here.
        """
        if exercise not in self._examined:
            self._examined[exercise] = None
            self.prepare(exercise)
            transport = self._connect_over_standins(exercise)
            self._apart.append(transport)
            conversation = _ExaminationConversation(exercise, transport, self._diagnosers[exercise])
            found = self.memory.outcome(conversation)
            budget = Budget(conversation.end - time.monotonic())
            examination = Examination(self._diagnosers[exercise], found.value, transport, budget)
            self._examined[exercise] = Remembered(examination, found.path)
        return self._examined[exercise]

    def close(self) -> None:
        """Let go of everything."""
        self.clear()
        for diagnoser in self._diagnosers.values():
            diagnoser.close()
        self._diagnosers = {}

    def _connect_over_standins(self, exercise: str) -> Transport:
        standins = {needed: self.course.standins / f"{needed}.py" for needed in self.course.all_needs(exercise)}
        return self._connect(Workspace(self._files | standins))

    def _deadline(self, exercise: str, over_standins: bool) -> Deadline:
        limits = self.course.by_id[exercise].limits
        fresh = Deadline(limits.call, limits.after_timeout, limits.check)
        return self._deadlines.setdefault((exercise, over_standins), fresh)


class _ExaminationConversation(Conversation[Findings]):
    """The recorded cases of an exercise, put to a learner's module within a budget of seconds."""

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
    """The questions that tell apart the mistakes for which a check may have failed."""

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
