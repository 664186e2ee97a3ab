"""The outcome of one check on one submission, and the sentences that tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.checks.failure import Cause, CheckFailure
from grader.checks.show import printable, show_calls, show_frame, show_main_calls
from grader.course import Check, Exercise
from grader.learner import LearnerError, LearnerRaised, LearnerStopped, NotStarted, Port

Status = Literal["passed", "failed", "error", "timeout", "not_started", "skipped"]

WIDTH = 110
MAX_CALL_LINES = 4
MAX_CASE_LINES = 60


@dataclass(frozen=True)
class Outcome:
    """What became of a check.

    Attributes:
        status: `error` where the module cannot be imported or took its process with it; `skipped` where the check was
            not run for a reason that `message` gives.
        message: at most twelve lines for the learner; empty where the check passed.
        counterexample: the failing case as lines of Python; empty where there is none.
        over_standins: it passed over stand-ins for what the exercise needs, and did not over the learner's own.
        used: built-in operations of the exercise's list that the learner's code used.
        machine: the failure is the check's or the machine's, not the learner's.
    """

    status: Status
    message: str = ""
    counterexample: str = ""
    over_standins: bool = False
    used: tuple[str, ...] = ()
    machine: bool = False


PASSED = Outcome("passed")


def from_exception(error: BaseException, check: Check, exercise: Exercise, port: Port | None) -> Outcome | None:
    """Tell a failed check; None where the exception is neither the learner's nor the check's verdict."""
    error = _unwrap(error)
    again = f"pytest -k {check.id}" if check.visibility == "visible" else ""
    transcript = port.transcript if port is not None else []
    lines = show_main_calls(transcript, MAX_CALL_LINES)
    case = "\n".join(show_calls(transcript)[:MAX_CASE_LINES])
    match error:
        case NotStarted():
            return Outcome("not_started", f"{printable(str(error))}\n  open  exercises/{error.module}.py")
        case CheckFailure(cause=cause):
            return Outcome("failed", _message(check, exercise, lines, _tell(cause), again), case)
        case LearnerRaised():
            told = [("raised", printable(str(error)))]
            told += [("at" if place == 0 else "", show_frame(f)) for place, f in enumerate(error.raised.frames[-2:])]
            return Outcome("failed", _message(check, exercise, lines, told, again), case)
        case LearnerError():
            return Outcome(
                "failed", _message(check, exercise, lines, [("problem", printable(str(error)))], again), case
            )
        case LearnerStopped(kind=kind, frames=frames):
            told = [("stopped" if kind == "timeout" else "died", printable(str(error)))]
            told += [("at", show_frame(frame)) for frame in frames[-1:]]
            status: Status = "timeout" if kind == "timeout" else "error"
            return Outcome(status, _message(check, exercise, lines, told, again), case)
    return None


def import_failed(error: BaseException, exercise: str) -> Outcome:
    """Tell that a module could not be imported."""
    match error:
        case LearnerRaised():
            where = [f"  at      {show_frame(frame)}" for frame in error.raised.frames[-1:]]
            lines = [f"{exercise}.py cannot be imported.", f"  raised  {printable(str(error))}", *where]
            if "ModuleNotFoundError" in error.raised.types:
                lines.append(
                    "  usually  modules of this course are imported with a dot: from .layer_norm import LayerNorm"
                )
            return Outcome("error", "\n".join(lines))
        case LearnerStopped(kind="timeout"):
            lines = [f"{exercise}.py does not come back from being imported ({printable(str(error))})."]
            return Outcome("timeout", "\n".join(lines + [f"  at  {show_frame(frame)}" for frame in error.frames[-1:]]))
        case LearnerStopped():
            return Outcome("error", f"{exercise}.py ends its process while it is imported ({printable(str(error))}).")
        case NotStarted():
            return Outcome("not_started", printable(str(error)))
    return Outcome("error", f"{exercise}.py cannot be imported: {printable(str(error))}")


def _unwrap(error: BaseException) -> BaseException:
    """Find the failure inside the group in which Hypothesis reports what differs from one call to the next."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _tell(cause: Cause) -> list[tuple[str, str]]:
    told = [("got", cause.got), ("expected", cause.expected), ("differs", cause.where)]
    return [(label, text) for label, text in told if text]


def _message(check: Check, exercise: Exercise, calls: list[str], told: list[tuple[str, str]], again: str) -> str:
    """Put a message together: title, what was called, what came, what was due, where they differ, what to read."""
    rows = [("called" if place == 0 else "", line) for place, line in enumerate(calls)]
    rows += told
    if check.hint and not any(label == "stopped" for label, _ in told):
        rows.append(("usually", check.hint))
    rows.append(("read", f"exercises/{exercise.id}.md" + (f"; the book's {exercise.book}" if exercise.book else "")))
    if again:
        rows.append(("again", again))
    width = max(len(label) for label, _ in rows)
    lines = [check.title]
    for label, text in rows:
        line = f"  {label:<{width}}  {text}"
        lines.append(line if len(line) <= 2 * WIDTH else line[: 2 * WIDTH - 1] + "…")
    return "\n".join(lines)
