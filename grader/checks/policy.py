"""Which modules a check runs with: first the learner's own, and if it fails, stand-ins for the modules needed.

This file knows nothing about pytest: it gets a function that runs a check over one port.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.outcome import Outcome, not_built, remarks_of, symptoms, with_names, with_slip
from grader.checks.under_test import Blamed, SubmissionUnderTest
from grader.course import Check, Exercise
from grader.failures.rows import Row
from grader.port import Port, Transport
from grader.port.port import Exchange
from grader.port.replay import Conversation, Remembered
from grader.wire.encoding import pack_replies, pack_requests
from grader.wire.free import Free


def run_check(
    check: Check, exercise: Exercise, under_test: SubmissionUnderTest, run_over: Callable[[Port], Outcome]
) -> Outcome:
    """Run one check, and return its outcome.

    Args:
        check: the check.
        exercise: its exercise.
        under_test: the submission.
        run_over: runs the check over one port.

    Raises:
        BaseException: Ctrl-C, or an error in the check itself.
    """
    if not under_test.has(exercise.id):
        return absent(exercise.id)
    outcome = _checked(check, exercise, under_test, run_over)
    if outcome.status == "failed" and under_test.runs_without_slips(exercise.id):
        # Other lines may count on a slip: what passes with it is right as it was handed in.
        with under_test.as_handed_in(exercise.id):
            before = _checked(check, exercise, under_test, run_over, names_mistakes=False)
        outcome = before if before.status == "passed" else outcome
    if outcome.status == "failed" and not outcome.mistakes:
        outcome = _apart_from_a_slip(outcome, check, exercise, under_test, run_over)
    if outcome.status == "failed" and not outcome.is_explained and under_test.diagnosing:
        fact = under_test.measured(exercise.id)
        outcome = outcome.diagnosed([fact] if fact is not None else [])
    return with_names(outcome, under_test.sentences_about_names(check))


def _checked(
    check: Check,
    exercise: Exercise,
    under_test: SubmissionUnderTest,
    run_over: Callable[[Port], Outcome],
    names_mistakes: bool = True,
) -> Outcome:
    """Run a check with the learner's own modules, and if it fails, with stand-ins for those that it needs."""
    own: Outcome | None = None
    # If a needed module hangs, waiting for it again is useless.
    hangs = any(map(under_test.hangs, under_test.course.all_needs(exercise.id)))
    given_up = under_test.given_up(exercise.id)
    if not hangs and given_up is None:
        not_last = bool(exercise.needs) or not names_mistakes
        own = _outcome(check, exercise, under_test, not_last=not_last, run_over=run_over)
        if own.status == "passed" or not exercise.needs:
            return own
    outcome = _outcome(check, exercise, under_test, over_standins=True, not_last=not names_mistakes, run_over=run_over)
    if outcome.status != "passed":
        if given_up is not None and not hangs:
            # Other code may need the learner's own modules, and doesn't hang.
            own = _outcome(check, exercise, under_test, not_last=True, run_over=run_over)
            return own if own.status == "passed" else outcome
        return outcome
    blamed = given_up or _to_blame(check, exercise, under_test, run_over)
    if own is not None and own.status == "timeout" and names_mistakes:
        under_test.give_up(exercise.id, blamed)
    return dataclasses.replace(outcome, over_standins=True, harmful=blamed.harmful, unwritten=blamed.unwritten)


def _apart_from_a_slip(
    outcome: Outcome,
    check: Check,
    exercise: Exercise,
    under_test: SubmissionUnderTest,
    run_over: Callable[[Port], Outcome],
) -> Outcome:
    """Find a slip without which the check would pass, and say so; all later checks run without it."""
    for slip in under_test.slips_to_try(exercise.id, symptoms(outcome)):
        if _checked(check, exercise, under_test, run_over, names_mistakes=False).status == "passed":
            return with_slip(outcome, slip, exercise)
    return outcome


def _to_blame(
    check: Check, exercise: Exercise, under_test: SubmissionUnderTest, run_over: Callable[[Port], Outcome]
) -> Blamed:
    """Find the modules because of which a check passes only with stand-ins.

    A module is to blame if the check fails with it and stand-ins for all others.
    """
    if not under_test.looks_for_blame(exercise.id):
        return Blamed()
    needs = under_test.course.all_needs(exercise.id)
    harmful, unwritten = [], [name for name in needs if not under_test.has(name)]
    for name in needs:
        if not under_test.has(name):
            continue
        if under_test.hangs(name):
            harmful.append(name)
            continue
        status = _attempt(
            check, exercise, under_test, under_test.port_with(exercise.id, name), run_over
        ).value.outcome.status
        if status != "passed":
            (unwritten if status == "not_started" else harmful).append(name)
    if not harmful and not unwritten:
        # They only do harm together.
        harmful = list(needs)
    return Blamed(tuple(harmful), tuple(unwritten))


def absent(exercise: str) -> Outcome:
    """Return the outcome for every check of an exercise whose module doesn't exist."""
    return Outcome("not_started", (Row("absent", exercise=exercise),))


@dataclass(frozen=True)
class _Attempt:
    """The outcome of a check over one port, and the conversation of the case that failed."""

    outcome: Outcome
    case: tuple[Exchange, ...] = ()


def _outcome(
    check: Check,
    exercise: Exercise,
    under_test: SubmissionUnderTest,
    *,
    run_over: Callable[[Port], Outcome],
    over_standins: bool = False,
    not_last: bool = False,
) -> Outcome:
    """Run a check over one port, and again if it fails and the module turns out to have other names.

    Unless another attempt follows (`not_last`), the mistake behind a failure is named.
    """

    def attempt() -> Remembered[_Attempt]:
        port = under_test.port_over_standins(exercise.id) if over_standins else under_test.port(exercise.id)
        return _attempt(check, exercise, under_test, port, run_over)

    attempted = attempt()
    if attempted.value.outcome.status == "failed" and under_test.learn_names(exercise.id, over_standins):
        attempted = attempt()
        under_test.charge_for_names(check, over_standins, attempted.value.outcome.status == "passed")
    if not_last:
        return attempted.value.outcome
    needs = under_test.course.all_needs(exercise.id) if over_standins else ()
    outcome = attempted.value.outcome.with_positions({name: under_test.has(name) for name in needs})
    if outcome.status != "failed":
        return outcome
    outcome = _diagnosed(outcome, attempted, check, under_test)
    # A mistake that is known says more than what can't be built because of it.
    reasons = {} if outcome.mistakes else under_test.names(exercise.id, over_standins).reasons
    return not_built(outcome, reasons) or outcome


def _diagnosed(
    outcome: Outcome, attempt: Remembered[_Attempt], check: Check, under_test: SubmissionUnderTest
) -> Outcome:
    if not under_test.diagnosing:
        return outcome
    diagnosis = under_test.diagnose(check, attempt.value.case, attempt.path)
    return outcome if diagnosis is None else outcome.diagnosed(diagnosis.misconceptions)


def _attempt(
    check: Check,
    exercise: Exercise,
    under_test: SubmissionUnderTest,
    port: Port,
    run_over: Callable[[Port], Outcome],
) -> Remembered[_Attempt]:
    if port.deadline.exhausted():
        given_up = Outcome("timeout", (Row("given_up", exercise=exercise.id),))
        return Remembered(_Attempt(given_up), b"")

    port.deadline.begin_check()
    return under_test.memory.outcome(_CheckConversation(check, exercise, under_test, port, run_over))


class _CheckConversation(Conversation[_Attempt]):
    """A check over one port."""

    def __init__(
        self,
        check: Check,
        exercise: Exercise,
        under_test: SubmissionUnderTest,
        port: Port,
        run_over: Callable[[Port], Outcome],
    ) -> None:
        self.about = ("check", exercise.id, check.id)
        self.transport = port.transport
        self._watches_builtins = bool(exercise.builtins.names)
        # In a hidden check, what failed could contain the check's inputs.
        self._shows_free_code = check.visibility == "visible" and exercise.free != Free()
        self._under_test, self._port, self._run_over = under_test, port, run_over

    def seconds_left(self) -> float:
        return self._port.deadline.left()

    def hold(self, transport: Transport) -> _Attempt:
        over = self._port.over(transport)
        outcome = self._run_over(over)
        case = tuple(over.exchanges) if outcome.status == "failed" else ()
        if self._watches_builtins and outcome.status in ("passed", "failed"):
            outcome = dataclasses.replace(outcome, used=tuple(over.used()))
        if self._shows_free_code and outcome.status in ("passed", "failed"):
            outcome = dataclasses.replace(outcome, remarks=outcome.remarks + remarks_of(over.failures()))
        return _Attempt(outcome, case)

    def lasts(self, outcome: _Attempt) -> bool:
        return outcome.outcome.lasts

    def kept(self, outcome: _Attempt, replies: int) -> int:
        return sum(len(pack_requests(said.requests)) + len(pack_replies(said.replies)) for said in outcome.case)

    def forgive(self, seconds: float) -> None:
        self._under_test.forgive(self._port, seconds)
