"""The outcome of one check on one submission, and the sentences that tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from grader.checks.failure import Cause, CheckFailure, Kind
from grader.checks.show import show_frame, show_main_calls, show_program
from grader.course import Check, Exercise, Status
from grader.port import LearnerError, LearnerRaised, LearnerStopped, NotStarted, Port
from grader.text import printable
from grader.wire.requests import AnyRequest

Row = tuple[str, str]
WIDTH = 110
MAX_LINES = 12
MAX_CALL_LINES = 4
MAX_CASE_LINES = 60


CATEGORIES: dict[Kind, str] = {
    "type": "a wrong type",
    "shape": "a wrong shape",
    "dtype": "a wrong dtype",
    "finite": "values that are not finite",
    "value": "wrong values",
    "claim": "a wrong result",
    "parameters": "wrong parameters",
    "raised": "an exception",
    "not raised": "no exception where one is due",
}
NO_IMPORT = "it cannot be imported"


class Mistake(Protocol):
    """A misconception, as far as a message tells it."""

    @property
    def name(self) -> str: ...

    @property
    def did(self) -> str: ...

    @property
    def why(self) -> str: ...

    @property
    def hint(self) -> str: ...


@dataclass(frozen=True)
class Telling:
    """What a message is made of: the check, the exercise, what was asked, and what came of it."""

    check: Check
    exercise: Exercise
    asked: tuple[AnyRequest, ...]
    told: tuple[Row, ...]

    def text(self, mistakes: Sequence[Mistake] = ()) -> str:
        """Put the message together: title, what was called, what came, what was due, what was done, what to read."""
        about = self._about(mistakes)
        if len(mistakes) > 1 and len(self.told) + len(about) > MAX_LINES - 4:
            about = about[:-1]
        room = MAX_LINES - 1 - len(self.told) - len(about) - 1 - bool(self._again)
        calls = show_main_calls(self.asked, max(1, min(MAX_CALL_LINES, room)))
        rows = [("called" if place == 0 else "", line) for place, line in enumerate(calls)]
        rows += [*self.told, *about]
        book = f"; the book's {self.exercise.book}" if self.exercise.book else ""
        rows.append(("read", f"exercises/{self.exercise.id}.md{book}"))
        if self._again:
            rows.append(("again", self._again))
        width = max(len(label) for label, _ in rows)
        return "\n".join([self.check.title, *(_cut(f"  {label:<{width}}  {text}") for label, text in rows)])

    @property
    def _again(self) -> str:
        return f"pytest -k {self.check.id}" if self.check.visibility == "visible" else ""

    def _about(self, mistakes: Sequence[Mistake]) -> list[Row]:
        """Say what was done, where that is known, else what is usually the reason."""
        match mistakes:
            case [mistake]:
                return [("mistake", mistake.did), ("", mistake.why), ("hint", mistake.hint)]
            case [one, other]:
                return [("mistakes", f"Two at once. {one.did}"), ("", other.did), ("hint", one.hint), ("", other.hint)]
        stopped = any(label == "stopped" for label, _ in self.told)
        return [("usually", self.check.hint)] if self.check.hint and not stopped else []


def _cut(line: str) -> str:
    return line if len(line) <= 2 * WIDTH else line[: 2 * WIDTH - 1] + "…"


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
        telling: what `message` is made of, where a diagnosis can still be put into it.
        diagnosis: what was done and why it is wrong, where the mistake is known; a line for each sentence.
        mistakes: the names of the misconceptions that the diagnosis is about.
        hints: where to look, for each of those mistakes.
        category: what sort of failure it is, in a word or two; empty where the check passed.
    """

    status: Status
    message: str = ""
    counterexample: str = ""
    over_standins: bool = False
    used: tuple[str, ...] = ()
    machine: bool = False
    telling: Telling | None = None
    diagnosis: str = ""
    mistakes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    category: str = ""

    @property
    def lasts(self) -> bool:
        """Say whether it follows from what was said alone, and not from how long it took."""
        return self.status != "timeout" and not self.machine

    def diagnosed(self, mistakes: Sequence[Mistake]) -> Outcome:
        """Return the outcome with the misconceptions named that explain it."""
        if self.telling is None:
            return self
        lines = [text for mistake in mistakes for text in (mistake.did, mistake.why)]
        return replace(
            self,
            message=self.telling.text(mistakes),
            diagnosis="\n".join(lines),
            mistakes=tuple(mistake.name for mistake in mistakes),
            hints=tuple(mistake.hint for mistake in mistakes),
        )


PASSED = Outcome("passed")


def from_exception(error: BaseException, check: Check, exercise: Exercise, port: Port | None) -> Outcome | None:
    """Tell a failed check; None where the exception is neither the learner's nor the check's verdict."""
    error = _unwrap(error)
    asked = tuple(port.transcript) if port is not None else ()
    case = "\n".join(show_program(asked, exercise.id)[:MAX_CASE_LINES])

    def failed(told: list[Row], category: str, status: Status = "failed") -> Outcome:
        telling = Telling(check, exercise, asked, tuple(told))
        return Outcome(status, telling.text(), case, telling=telling, category=category)

    match error:
        case NotStarted():
            where = printable(str(error)) or "This is not written yet."
            return Outcome("not_started", f"{where}\n  open  exercises/{error.module}.py")
        case CheckFailure(cause=cause):
            return failed(_tell(cause), CATEGORIES[cause.kind])
        case LearnerRaised():
            told = [("raised", printable(str(error)))]
            told += [("at" if place == 0 else "", show_frame(f)) for place, f in enumerate(error.raised.frames[-2:])]
            return failed(told, CATEGORIES["raised"])
        case LearnerError():
            return failed([("problem", printable(str(error)))], "something is missing")
        case LearnerStopped(kind=kind, frames=frames):
            told = [("stopped" if kind == "timeout" else "died", printable(str(error)))]
            told += [("at", show_frame(frame)) for frame in frames[-1:]]
            if kind == "timeout":
                return failed(told, "it does not come back", "timeout")
            return failed(told, "it ends its process", "error")
    return None


def import_failed(error: BaseException, exercise: str) -> Outcome:
    """Tell that a module could not be imported."""
    match error:
        case LearnerRaised():
            where = [f"  at      {show_frame(frame)}" for frame in error.raised.frames[-1:]]
            lines = [f"{exercise}.py cannot be imported.", f"  raised  {printable(str(error))}", *where]
            if "ModuleNotFoundError" in error.raised.types:
                lines.append("  usually  modules of this course are imported with a dot: from .module import name")
            return Outcome("error", "\n".join(lines), category=NO_IMPORT)
        case LearnerStopped(kind="timeout"):
            lines = [f"{exercise}.py does not come back from being imported ({printable(str(error))})."]
            return Outcome(
                "timeout",
                "\n".join(lines + [f"  at  {show_frame(frame)}" for frame in error.frames[-1:]]),
                category=NO_IMPORT,
            )
        case LearnerStopped():
            return Outcome(
                "error",
                f"{exercise}.py ends its process while it is imported ({printable(str(error))}).",
                category=NO_IMPORT,
            )
        case NotStarted():
            return Outcome("not_started", printable(str(error)))
    return Outcome("error", f"{exercise}.py cannot be imported: {printable(str(error))}", category=NO_IMPORT)


def _unwrap(error: BaseException) -> BaseException:
    """Find the failure inside the group in which Hypothesis reports what differs from one call to the next."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _tell(cause: Cause) -> list[tuple[str, str]]:
    if cause.picture:
        drawn = [("" if place else "weights", line) for place, line in enumerate(cause.picture)]
        return [("differs", cause.where), *drawn]
    told = [("got", cause.got), ("expected", cause.expected), ("differs", cause.where)]
    return [(label, text) for label, text in told if text]
