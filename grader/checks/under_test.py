"""The submission that checks run on, and the ports to its modules."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.checks.facts import Fact, facts_of, first_fact
from grader.course import Check, Course
from grader.diagnosis import Candidates, Case, Diagnoser, Diagnosis, Examination, Findings, KnownMistake
from grader.diagnosis.diagnose import BUDGET, SECONDS, Budget
from grader.errors import NoReference
from grader.learner.workspace import helpers_in
from grader.naming import Contract, Names, NamesConversation, SlipsConversation, contract_of
from grader.port import Deadline, InProcess, LearnerStopped, NotStarted, Port, Transport, Workspace
from grader.port.port import Exchange
from grader.port.replay import Conversation, Memory, Remembered
from grader.wire.free import EARLIER, Free
from grader.wire.renaming import Renaming, Renamings
from grader.wire.slips import Slip, SlipKind

_log = logging.getLogger(__name__)
REFERENCE_SECONDS = 120.0
CHECKS_FOR_BLAME = 3
"""How many checks of an exercise are run with one of the learner's modules at a time, to find which does harm."""
CHECKS_FOR_SLIPS = 4
"""For how many checks of an exercise a slip is looked for that explains why they fail."""
MAX_ATTEMPTS = 12
"""The most lines that are tried for one check."""


@dataclass(frozen=True)
class Blamed:
    """The needed modules because of which a check passes only with stand-ins.

    Attributes:
        harmful: those with which it fails.
        unwritten: those that are not written yet.
    """

    harmful: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()


class SubmissionUnderTest:
    """One submission at a time, with ports to its own modules, or to one of them with stand-ins for the others.

    Args:
        course: the course whose exercises these are.
        connect: makes the transport to a workspace; in-process by default.
        diagnosing: whether to name mistakes, which doubles the time if much is wrong.
        memory: earlier conversations; a new memory by default.
        diagnosis_seconds: how long naming mistakes may take for a whole submission; each exercise may take `BUDGET` of
            them, even if they are used up.

    Attributes:
        own_seconds: the time that diagnosis and other work of the grader took since the submission was loaded.
    """

    def __init__(
        self,
        course: Course,
        connect: Callable[[Workspace], Transport] = InProcess,
        diagnosing: bool = True,
        memory: Memory | None = None,
        diagnosis_seconds: float = 0.0,
    ) -> None:
        self.course = course
        self.diagnosing = diagnosing
        self.memory = memory or Memory()
        self._diagnosis_seconds = diagnosis_seconds
        self._connect = connect
        self._files: dict[str, Path] = {}
        self._free = {exercise.id: exercise.free for exercise in course.exercises if exercise.free != Free()}
        self._own: dict[str, Transport] = {}
        self._over_standins: dict[str, Transport] = {}
        self._with_one: dict[tuple[str, str], Transport] = {}
        self._given_up: dict[str, Blamed] = {}
        self._blaming: dict[str, int] = {}
        self._reference: Transport | None = None
        self._solution: Transport | None = None
        self._deadlines: dict[tuple[str, bool], Deadline] = {}
        self._diagnosers: dict[str, Diagnoser] = {}
        self._examined: dict[str, Remembered[Examination] | None] = {}
        self._as_handed_in: dict[str, Remembered[Examination] | None] = {}
        self._measured: dict[str, KnownMistake | None] = {}
        self._measured_as_handed_in: dict[str, KnownMistake | None] = {}
        self._contracts: dict[str, Contract] = {}
        self._names: dict[tuple[str, bool], Names] = {}
        # For each exercise, the check that bears the claim about names, and its sentences.
        self._charged: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._apart: list[Transport] = []
        # For each exercise with a slip, the lines to repair; and how often one was looked for.
        self._slips: dict[str, tuple[Slip, ...]] = {}
        self._slip_searches: dict[str, int] = {}
        self.own_seconds = 0.0

    def load(self, files: Mapping[str, Path]) -> None:
        """Load a submission in place of the one before; `files` has its modules: for exercises, and their helpers."""
        self.clear()
        self._files = dict(files)

    def load_folder(self, folder: Path) -> None:
        """Load the modules in a learner's folder in place of the submission before."""
        files = {exercise.id: folder / f"{exercise.id}.py" for exercise in self.course.exercises}
        exercises = {name: path for name, path in files.items() if path.is_file()}
        self.load(exercises | helpers_in(folder, self.course.by_id))

    def clear(self) -> None:
        """Unload the submission, and end the processes that run for it."""
        opened = (self._own, self._over_standins, self._with_one)
        for transport in [*(transport for by_name in opened for transport in by_name.values()), *self._apart]:
            transport.close()
        self._own, self._over_standins, self._with_one, self._deadlines, self._files = {}, {}, {}, {}, {}
        self._blaming, self._charged, self._slips, self._slip_searches = {}, {}, {}, {}
        self._examined, self._measured, self._names, self._apart, self.own_seconds = {}, {}, {}, [], 0.0
        self._as_handed_in, self._measured_as_handed_in, self._given_up = {}, {}, {}

    def has(self, exercise: str) -> bool:
        """Say whether the submission has a module for an exercise."""
        return exercise in self._files

    def port(self, exercise: str) -> Port:
        """Return a port to the submission's module for an exercise, with the submission's own other modules.

        Each exercise has its own process, so what other modules set for theirs doesn't reach it unless it imports them.
        """
        if exercise not in self._own:
            self._own[exercise] = self._connect(self._workspace(exercise, self._files))
            self._repair(exercise, over_standins=False)
        return Port(self._own[exercise], exercise, self._deadline(exercise, False))

    def port_over_standins(self, exercise: str) -> Port:
        """Return a port to the module, with stand-ins for everything that the exercise needs."""
        if exercise not in self._over_standins:
            self._over_standins[exercise] = self._connect_over_standins(exercise)
            self._repair(exercise, over_standins=True)
        return Port(self._over_standins[exercise], exercise, self._deadline(exercise, True))

    def port_with(self, exercise: str, needed: str) -> Port:
        """Return a port to the module, with the submission's own `needed` and stand-ins for everything else."""
        key = (exercise, needed)
        if key not in self._with_one:
            standins = {name: path for name, path in self._standins(exercise).items() if name != needed}
            transport = self._connect(self._workspace(exercise, self._files | standins))
            renamings = {
                module: renaming
                for (module, over_standins), renaming in self._known_renamings().items()
                if module == exercise or (module == needed and not over_standins)
            }
            if renamings:
                transport.rename(renamings)
            self._with_one[key] = transport
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

    def give_up(self, exercise: str, blamed: Blamed) -> None:
        """From now on, try an exercise with stand-ins first: a call with the learner's own modules has hung.

        Args:
            exercise: its id.
            blamed: the modules that are to blame for it.
        """
        self._given_up[exercise] = blamed

    def given_up(self, exercise: str) -> Blamed | None:
        """Return the modules because of which an exercise is tried with stand-ins first; None if it isn't."""
        return self._given_up.get(exercise)

    def reference(self, exercise: str) -> Port:
        """Return a port to the reference solution, which lives in this process.

        Raises:
            NoReference: there is no `solutions/` folder.
        """
        if self._reference is None:
            files = self._solutions()
            if not files:
                raise NoReference(f"There is no reference in {self.course.solutions}. Run the visible checks: pytest")
            self._reference = InProcess(Workspace(files))
        return Port(self._reference, exercise, Deadline(REFERENCE_SECONDS, REFERENCE_SECONDS))

    def solution(self, exercise: str) -> Port | None:
        """Return a port to the solution in the learner's place, next to the reference; None if there is none."""
        files = self._solutions()
        if exercise not in files:
            return None
        if self._solution is None:
            self._solution = InProcess(Workspace(files))
        return Port(self._solution, exercise, Deadline(REFERENCE_SECONDS, REFERENCE_SECONDS))

    def prepare(self, exercise: str) -> None:
        """Load what is needed to name the mistakes of an exercise, before one of its checks fails."""
        if exercise not in self._diagnosers:
            self._diagnosers[exercise] = Diagnoser(self.course, exercise)

    def names(self, exercise: str, over_standins: bool) -> Names:
        """Return what is known about names in the exercise's module that differ from those in checks."""
        return self._names.get((exercise, over_standins), Names())

    def learn_names(self, exercise: str, over_standins: bool) -> bool:
        """Ask the exercise's module what it calls things, once; say whether its answers may now be others.

        From then on, its port understands the names that checks use.
        """
        key = (exercise, over_standins)
        if key in self._names:
            return False
        self._names[key] = Names()
        start = time.monotonic()
        try:
            self.prepare(exercise)
            if exercise not in self._contracts:
                self._contracts[exercise] = contract_of(exercise, self._diagnosers[exercise].cases)
            port = self.port_over_standins(exercise) if over_standins else self.port(exercise)
            seconds = self.course.by_id[exercise].limits.call
            conversation = NamesConversation(exercise, self._contracts[exercise], port.transport, seconds)
            self._names[key] = self.memory.outcome(conversation).value
            if self._names[key].renaming or exercise in self._slips:
                port.transport.rename(self._renamings(exercise, over_standins))
            return bool(self._names[key].renaming)
        except Exception:
            # Odd replies may break this, but the check still needs its result.
            _log.warning("the names in %s are not known", exercise, exc_info=True)
            return False
        finally:
            self.own_seconds += time.monotonic() - start

    def charge_for_names(self, check: Check, over_standins: bool, passes: bool) -> None:
        """Have one check of an exercise bear the claim about names.

        Args:
            check: the check that failed before its exercise's names were known.
            over_standins: whether it ran with stand-ins.
            passes: whether it passes now, so that it was about names.
        """
        names = self.names(check.exercise, over_standins).sentences
        if check.exercise in self._charged or not names:
            return
        checks = self.course.by_id[check.exercise].checks
        listing = [later for later in checks[checks.index(check) :] if later.lists_parameters]
        about = [later for later in listing if any(later.mentions(name) for name in names)]
        bearer = check if passes else next(iter([*about, *listing, check]))
        self._charged[check.exercise] = (bearer.id, tuple(itertools.chain.from_iterable(names.values())))

    def sentences_about_names(self, check: Check) -> tuple[str, ...]:
        """Return what to say about names with a check, which is nothing except for the one that bears this claim."""
        bearer, sentences = self._charged.get(check.exercise, ("", ()))
        return sentences if check.id == bearer else ()

    def slips_to_try(self, exercise: str, kinds: Collection[SlipKind]) -> Iterator[Slip]:
        """List what to repair in the exercise's module, one attempt at a time, if a check fails as after such a slip.

        In each attempt the module runs without one slip more. It stays so if the caller then stops; if not, and at the
        end, the module runs as it did before.
        """
        if not kinds:
            return
        searches = self._slip_searches[exercise] = self._slip_searches.get(exercise, 0) + 1
        if searches > CHECKS_FOR_SLIPS:
            return
        known = self._slips.get(exercise, ())
        over_standins = bool(self.course.by_id[exercise].needs)
        port = self.port_over_standins(exercise) if over_standins else self.port(exercise)
        seconds = self.course.by_id[exercise].limits.call
        slips = self.memory.outcome(SlipsConversation(exercise, known, port.transport, seconds)).value
        for slip in [slip for slip in slips if slip.kind in kinds][:MAX_ATTEMPTS]:
            self._set_slips(exercise, (*known, slip))
            yield slip
        self._set_slips(exercise, known)

    def runs_without_slips(self, exercise: str) -> bool:
        """Say whether an exercise's module runs with slips repaired."""
        return bool(self._slips.get(exercise))

    @contextmanager
    def as_handed_in(self, exercise: str) -> Iterator[None]:
        """Run an exercise's module as it was handed in, with its slips, for as long as the context lasts."""
        slips, examined = self._slips.get(exercise, ()), self._examined.get(exercise)
        measured = {exercise: self._measured[exercise]} if exercise in self._measured else {}
        self._set_slips(exercise, ())
        try:
            yield
        finally:
            self._set_slips(exercise, slips)
            if examined is not None:
                self._examined[exercise] = examined
            self._measured |= measured

    def _set_slips(self, exercise: str, slips: tuple[Slip, ...]) -> None:
        self._slips[exercise] = slips
        # The examination was of the module with its slip.
        self._examined.pop(exercise, None)
        self._measured.pop(exercise, None)
        for over_standins in (False, True):
            self._repair(exercise, over_standins)

    def _repair(self, exercise: str, over_standins: bool) -> None:
        """Tell an open transport which slips to repair."""
        transport = (self._over_standins if over_standins else self._own).get(exercise)
        if transport is not None and self._slips:
            transport.rename(self._renamings(exercise, over_standins))

    def _renamings(self, exercise: str, over_standins: bool) -> Renamings:
        """Return the renamings for a transport: of the exercise's module, and if it is the learner's, of the others."""
        return {
            module: renaming
            for (module, standins), renaming in self._known_renamings().items()
            if standins == over_standins and (module == exercise or not over_standins)
        }

    def _known_renamings(self) -> dict[tuple[str, bool], Renaming]:
        """Return what is known about each module, without and with stand-ins for those that it needs."""
        known = {key: names.renaming for key, names in self._names.items() if names.renaming}
        for module, slips in self._slips.items():
            for key in ((module, False), (module, True)):
                known[key] = msgspec.structs.replace(known.get(key, Renaming()), slips=slips)
        return known

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
            if not path or not examined.path:
                diagnosis = examined.value.diagnose(check.id, case)
            else:
                diagnosis = self.memory.outcome(_DiagnosisConversation(examined, check, case, path)).value
            return None if diagnosis is None or self._comes_from_repair(check.exercise, diagnosis) else diagnosis
        except Exception:
            # Odd replies may break the diagnosis, but the check still needs its result.
            _log.warning("no diagnosis of %s in %s", check.id, check.exercise, exc_info=True)
            return None
        finally:
            self.own_seconds += time.monotonic() - start

    def _comes_from_repair(self, exercise: str, diagnosis: Diagnosis) -> bool:
        """Say whether a mistake is there only while a slip is repaired: as handed in, its own check's cases are right.

        If the loss of a batch is a float because of `.item()`, the mean over a loader is right, and only without
        `.item()` it's a tensor.
        """
        if not self.runs_without_slips(exercise):
            return False
        if exercise not in self._as_handed_in:
            with self.as_handed_in(exercise):
                self._as_handed_in[exercise] = self._examination(exercise)
        examined = self._as_handed_in[exercise]
        return examined is not None and any(
            examined.value.is_right_in(mistake.check) for mistake in diagnosis.misconceptions
        )

    def answers(self, exercise: str) -> tuple[Sequence[Case], Findings] | None:
        """Return the recorded cases of an exercise, and what the submission answers; None if it can't be asked.

        Nothing runs again if a check has failed, because its diagnosis has asked these cases already.
        """
        start = time.monotonic()
        try:
            examined = self._examination(exercise)
            return None if examined is None else (self._diagnosers[exercise].cases, examined.value.findings)
        except Exception:
            # Odd replies may break this, as they may break a diagnosis.
            _log.warning("no answers of %s", exercise, exc_info=True)
            return None
        finally:
            self.own_seconds += time.monotonic() - start

    def _examination(self, exercise: str) -> Remembered[Examination] | None:
        """Run the recorded cases on an exercise's module, once for each submission; None if that failed."""
        if exercise not in self._examined:
            self._examined[exercise] = None
            self.prepare(exercise)
            transport = self._set_apart(exercise)
            seconds = max(BUDGET, self._diagnosis_seconds - self.own_seconds)
            conversation = _ExaminationConversation(exercise, transport, self._diagnosers[exercise], seconds)
            findings = self.memory.outcome(conversation)
            budget = Budget(conversation.end - time.monotonic())
            candidates = Candidates(self._diagnosers[exercise], findings.value)
            examination = Examination(self._diagnosers[exercise], candidates, transport, budget)
            self._examined[exercise] = Remembered(examination, findings.path)
        return self._examined[exercise]

    def measured(self, exercise: str) -> KnownMistake | None:
        """Measure what the exercise's module does; None if no fact has anything to say.

        While a slip is repaired, only what is true with the slip as well counts.
        """
        fact = self._fact(exercise)
        if fact is None or not self.runs_without_slips(exercise):
            return fact
        if exercise not in self._measured_as_handed_in:
            with self.as_handed_in(exercise):
                self._measured_as_handed_in[exercise] = self._fact(exercise)
        return fact if self._measured_as_handed_in[exercise] == fact else None

    def _fact(self, exercise: str) -> KnownMistake | None:
        """Measure what the exercise's module does as it runs now, once for each submission and set of repairs."""
        if exercise not in self._measured:
            self._measured[exercise] = None
            start = time.monotonic()
            try:
                facts = facts_of(self.course, exercise)
                if facts:
                    conversation = _FactsConversation(exercise, self._set_apart(exercise), facts)
                    self._measured[exercise] = self.memory.outcome(conversation).value
            except (Exception, LearnerStopped, NotStarted):
                # Odd replies may break a measurement, but the check still needs its result.
                _log.warning("nothing could be measured in %s", exercise, exc_info=True)
            finally:
                self.own_seconds += time.monotonic() - start
        return self._measured[exercise]

    def _set_apart(self, exercise: str) -> Transport:
        """Return a transport to separate copies of the modules, whose use can't change what a check sees."""
        transport = self._connect_over_standins(exercise)
        transport.rename(self._renamings(exercise, bool(self.course.by_id[exercise].needs)))
        self._apart.append(transport)
        return transport

    def close(self) -> None:
        """Release everything."""
        self.clear()
        for diagnoser in self._diagnosers.values():
            diagnoser.close()
        self._diagnosers = {}

    def _solutions(self) -> dict[str, Path]:
        files = {exercise.id: self.course.solutions / f"{exercise.id}.py" for exercise in self.course.exercises}
        return {name: path for name, path in files.items() if path.is_file()}

    def _connect_over_standins(self, exercise: str) -> Transport:
        return self._connect(self._workspace(exercise, self._files | self._standins(exercise)))

    def _standins(self, exercise: str) -> dict[str, Path]:
        return {needed: self.course.standins / f"{needed}.py" for needed in self.course.all_needs(exercise)}

    def _workspace(self, exercise: str, files: Mapping[str, Path]) -> Workspace:
        """Make a workspace with these modules.

        If code of the exercise is free, what the book has in earlier chapters is added as the last. Other exercises
        don't get it, because it may be their answer.
        """
        earlier = self.course.standins / f"{EARLIER}.py"
        is_added = exercise in self._free and EARLIER not in files and earlier.is_file()
        return Workspace({**files, EARLIER: earlier} if is_added else files, self._free)

    def _deadline(self, exercise: str, over_standins: bool) -> Deadline:
        limits = self.course.by_id[exercise].limits
        fresh = Deadline(limits.call, limits.after_timeout, limits.check)
        return self._deadlines.setdefault((exercise, over_standins), fresh)


class _ExaminationConversation(Conversation[Findings]):
    """The recorded cases of an exercise, run on a learner's module within a budget of seconds."""

    def __init__(self, exercise: str, transport: Transport, diagnoser: Diagnoser, seconds: float) -> None:
        self.about = ("examination", exercise)
        self.transport = transport
        self.end = time.monotonic() + seconds
        self._diagnoser = diagnoser

    def seconds_left(self) -> float:
        return min(SECONDS, self.end - time.monotonic())

    def hold(self, transport: Transport) -> Findings:
        return self._diagnoser.examine(transport, self.end - time.monotonic())

    def lasts(self, outcome: Findings) -> bool:
        return outcome.complete

    def kept(self, outcome: Findings, replies: int) -> int:
        return replies

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


class _FactsConversation(Conversation[KnownMistake | None]):
    """The measurements of the facts of an exercise on a learner's module."""

    def __init__(self, exercise: str, transport: Transport, facts: tuple[Fact, ...]) -> None:
        self.about = ("facts", exercise)
        self.transport = transport
        self._exercise, self._facts = exercise, facts
        self._deadline = Deadline(SECONDS, SECONDS, BUDGET)
        self._deadline.begin_check()

    def seconds_left(self) -> float:
        return self._deadline.left()

    def hold(self, transport: Transport) -> KnownMistake | None:
        return first_fact(self._facts, Port(transport, self._exercise, self._deadline))

    def forgive(self, seconds: float) -> None:
        self._deadline.forgive(seconds)
