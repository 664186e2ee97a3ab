"""The outcome of one check on one submission: its status, and the rows of its message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from grader.checks.failure import Cause, CheckFailure, Kind
from grader.checks.show import last_called, show_calls, show_program
from grader.course import Check, Exercise, Status
from grader.diagnosis import KnownMistake
from grader.failures.rows import NONE_TYPE, NOTHING, OTHER_NAMES, SHAPES, Mistake, Position, Row
from grader.failures.standins import raised_over_standins
from grader.naming.sentences import CHECKED_ANYWAY
from grader.naming.slips import about_slip, symptoms_of
from grader.port import LearnerError, LearnerMissing, LearnerRaised, LearnerStopped, NotStarted, Port
from grader.text import printable
from grader.wire import remarks as wire_remarks
from grader.wire.remarks import Remark
from grader.wire.requests import AnyRequest, Backward, Frame, Raised
from grader.wire.slips import Slip, SlipKind

MAX_CASE_LINES = 60
"""How many lines of a case are kept in the list of calls."""
MAX_PROGRAM_LINES = 300
"""How many lines are kept in the program that can be pasted."""

CATEGORIES: dict[Kind, str] = {
    "type": "a wrong type",
    "shape": "a wrong shape",
    "dtype": "a wrong dtype",
    "finite": "values that are not finite",
    "value": "wrong values",
    "claim": "a wrong result",
    "parameters": "wrong parameters",
    "names": "wrong parameters",
    "raised": "an exception",
    "not raised": "no exception, though one is expected",
}
NO_IMPORT = "it can't be imported"
HINTED: frozenset[Kind] = frozenset({"finite", "value", "claim", "parameters", "not raised"})
"""The kinds of failure that a check's hint is written for: the code ran, and did something wrong.

A value of another type or shape, or an exception, usually has a cause that the hint doesn't know.
"""


DID_NOT_RETURN = ("raised", "problem", "missing", "stopped", "died")
"""Kinds of rows that say what the learner's code did instead of returning a result."""
SHAPES_DIFFER = (
    "must match the size of tensor",
    "must match the existing size",
    "shapes cannot be multiplied",
    "Expected size for first two dimensions",
    "Sizes of tensors must match",
    "size mismatch",
    "is invalid for input of size",
    "could not be broadcast together",
    "not aligned",
    "mismatch in its core dimension",
)
"""What torch and NumPy say in an exception if shapes don't go together."""
MAY_COME_FROM_STANDINS = ("TypeError", "AttributeError", "ImportError")
FREE = "the exercise leaves this free, so no points are lost"


@dataclass(frozen=True)
class Outcome:
    """The result of a check.

    Attributes:
        status: `error` if the module can't be imported or ended its process; `skipped` if the check was not run, for a
            reason that `rows` give.
        rows: its message, in reading order; empty if the check passed.
        counterexample: the failing case as lines of Python; empty if there is none.
        over_standins: it passed with stand-ins for the modules that the exercise needs, but not with the learner's.
        harmful: of these modules, those with which it failed, each by itself among stand-ins.
        unwritten: of these modules, those that don't exist yet.
        used: the built-in operations from the exercise's list that the learner's code used.
        machine: the failure is the check's or the machine's, not the learner's.
        mistakes: the known mistakes that explain the failure.
        category: the kind of failure, in a few words; empty if the check passed.
        remarks: what the learner's modules don't get, or what was left out of them, whether or not the check passed.
        problem: the exception that the learner's code raised, in a line, or what the port missed; empty if neither.
    """

    status: Status
    rows: tuple[Row, ...] = ()
    counterexample: str = ""
    over_standins: bool = False
    harmful: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    machine: bool = False
    mistakes: tuple[Mistake, ...] = ()
    category: str = ""
    remarks: tuple[Row, ...] = ()
    problem: str = ""

    @property
    def lasts(self) -> bool:
        """Say whether it depends only on the learner's replies, and not on how long they took."""
        return self.status != "timeout" and not self.machine

    @property
    def is_explained(self) -> bool:
        """Say whether there is a cause in the message: a known mistake, a slip, or something that can't be built."""
        return bool(self.mistakes) or any(row.kind in ("slip", "not_built") for row in self.rows)

    def with_positions(self, standins: Mapping[str, bool]) -> Outcome:
        """Return the outcome with the last two positions in the learner's own modules, and a remark about stand-ins.

        Args:
            standins: the modules that stand-ins replaced when the check ran, and whether the learner has one of that
                name. Nobody sees the lines of a stand-in.
        """
        rows: list[Row] = []
        raising = ""
        for row in self.rows:
            if row.kind == "at":
                mine = tuple(position for position in row.places if position.module not in standins)
                raising = row.places[-1].module if row.places[-1].module in standins else ""
                rows += [msgspec.structs.replace(row, places=mine[-2:])] if mine else []
            else:
                rows.append(row)
        replaced = [name for name, has_own in standins.items() if has_own]
        if raising or (replaced and self.problem.startswith(MAY_COME_FROM_STANDINS)):
            last = max(number for number, row in enumerate(rows) if row.kind in (*DID_NOT_RETURN, "at"))
            rows.insert(last + 1, Row("standins", (raised_over_standins(replaced, raising),)))
        return replace(self, rows=tuple(rows))

    def diagnosed(self, mistakes: Sequence[KnownMistake]) -> Outcome:
        """Return the outcome with the known mistakes that explain it."""
        return replace(self, mistakes=tuple(Mistake(made.name, made.did, made.why, made.hint) for made in mistakes))

    def remarked(self, remarks: Sequence[Remark], exercise: Exercise) -> Outcome:
        """Return the outcome with remarks, except those about the modules that the exercise needs."""
        rows = tuple(_remark(remark) for remark in remarks if remark.module not in exercise.needs)
        return replace(self, remarks=rows) if rows else self


PASSED = Outcome("passed")
NOT_RUN = Outcome("error", (Row("fault"),), machine=True)
"""The outcome of a check that was not run because of a fault in the grader."""


def from_exception(error: BaseException, check: Check, exercise: Exercise, port: Port | None) -> Outcome | None:
    """Make the outcome of a check that raised; None if neither the learner's code nor a comparison raised it."""
    error = _unwrap(error)
    asked = tuple(port.transcript) if port is not None else ()
    case = "\n".join(show_program(asked)[:MAX_PROGRAM_LINES])

    def failed(message: list[Row], category: str, status: Status = "failed", hinted: bool = False) -> Outcome:
        hint = [Row("hint", (check.hint,))] if check.hint and hinted else []
        rows = (*_called(asked), *message, *hint, *_where_next(check, exercise))
        problem = str(error) if isinstance(error, LearnerError) else ""
        return Outcome(status, rows, case, category=category, problem=problem)

    match error:
        case NotStarted():
            return Outcome("not_started", (_not_written(error), Row("open", exercise=printable(error.module, 60))))
        case CheckFailure(cause=Cause(kind="raised", expected=expected), __cause__=LearnerRaised() as raised):
            return failed([*_raised(raised), Row("expected", (expected,))], CATEGORIES["raised"])
        case CheckFailure(cause=cause):
            return failed(rows_of(cause), CATEGORIES[cause.kind], hinted=cause.hinted and cause.kind in HINTED)
        case LearnerRaised():
            # If the backward pass raises outside the learner's lines, the graph is cut, as hints about gradients say.
            is_cut = isinstance(error.request, Backward) and not error.raised.frames
            return failed(_raised(error), CATEGORIES["raised"], hinted=is_cut)
        case LearnerMissing(missing=missing):
            names = tuple(printable(name) for name in (missing.name, *missing.existing))
            return failed([Row("missing", names, exercise=printable(missing.module, 60))], "something is missing")
        case LearnerError():
            return failed([Row("problem", (printable(str(error)),))], "something is missing")
        case LearnerStopped(kind="timeout", frames=frames):
            message = [Row("stopped", (printable(str(error)),)), *at(frames)]
            return failed(message, "it does not return", "timeout")
        case LearnerStopped(frames=frames):
            message = [Row("died", (printable(str(error)),)), *at(frames)]
            return failed(message, "it ends the process", "error")
    return None


def import_failed(error: BaseException, exercise: Exercise) -> Outcome:
    """Make the outcome of a check whose module can't be imported."""
    text = (printable(str(error)),)

    def failed(*rows: Row, status: Status = "error") -> Outcome:
        return Outcome(status, rows, category=NO_IMPORT)

    match error:
        case LearnerRaised():
            rows = [Row("not_imported", exercise=exercise.id), Row("raised", text), *at(error.raised.frames[-1:])]
            return failed(*rows)
        case LearnerStopped(kind="timeout", frames=frames):
            return failed(Row("import_stopped", text, exercise=exercise.id), *at(frames[-1:]), status="timeout")
        case LearnerStopped():
            return failed(Row("import_died", text, exercise=exercise.id))
        case NotStarted():
            return Outcome("not_started", (_not_written(error),))
    return failed(Row("not_imported", text, exercise=exercise.id))


def _raised(error: LearnerRaised) -> list[Row]:
    more = [NONE_TYPE] if NONE_TYPE in error.raised.text else []
    more += [SHAPES] if any(words in error.raised.text for words in SHAPES_DIFFER) else []
    about = (printable(error.raised.types[0], 60), *more)
    return [Row("raised", (printable(str(error)),), about=about), *at(error.raised.frames)]


def with_names(outcome: Outcome, sentences: Sequence[str]) -> Outcome:
    """Return the outcome of a check that bears the claim about names, given what there is to say about them."""
    if not sentences:
        return outcome
    row = Row("names", (*sentences, CHECKED_ANYWAY))
    if outcome.status == "passed":
        return replace(outcome, status="failed", rows=(row,), over_standins=False, category=OTHER_NAMES)
    return replace(outcome, rows=(row, *outcome.rows))


def symptoms(outcome: Outcome) -> frozenset[SlipKind]:
    """Return the kinds of slip that may make a check fail as it did."""
    returned_nothing = any(NOTHING in row.about for row in outcome.rows if row.kind == "got")
    return symptoms_of(outcome.problem, returned_nothing, outcome.category == CATEGORIES["type"])


def with_slip(outcome: Outcome, slip: Slip, exercise: Exercise) -> Outcome:
    """Return the outcome of a check that fails because of a slip, with what there is to say about it."""
    position = Position(exercise.id, slip.line, printable(slip.function, 60) or "<module>", "")
    row = Row("slip", (*about_slip(slip), CHECKED_ANYWAY), places=(position,))
    return replace(outcome, rows=(row, *(row for row in outcome.rows if row.kind != "hint")))


def not_built(outcome: Outcome, reasons: Mapping[str, str]) -> Outcome | None:
    """Return the outcome of a check that failed for a reason that isn't about it: nothing can be built or set.

    Args:
        outcome: the check's outcome.
        reasons: for the beginning of what such a check says, what to say instead.

    Returns:
        None if the check failed for another reason.
    """
    for beginning, reason in reasons.items():
        if outcome.problem.startswith(beginning):
            kept = [row for row in outcome.rows if row.kind in ("raised", "at", "see")]
            return replace(
                outcome, rows=(Row("not_built", (reason,)), *kept), counterexample="", category="something is missing"
            )
    return None


def at(frames: Sequence[Frame]) -> list[Row]:
    """Make a row with the position in the learner's files; no row if the position isn't known."""
    return [Row("at", places=tuple(_shown(frame) for frame in frames))] if frames else []


def remarks_of(failures: Sequence[Raised]) -> tuple[Row, ...]:
    """Make rows of what failed in free code."""
    return tuple(
        Row("remark", (f"{printable(raised.headline)} ({FREE})",), tuple(_shown(frame) for frame in raised.frames))
        for raised in failures
    )


def rows_of(cause: Cause) -> list[Row]:
    """Make rows of the value that came, the expected one, and where they differ."""
    if cause.picture:
        return [Row("differs", (cause.where,)), Row("weights", cause.picture)]
    texts = [("got", cause.got), ("other" if cause.own else "expected", cause.expected), ("differs", cause.where)]
    about = (NOTHING,) if cause.nothing else ()
    return [Row(kind, (text,), about=about if kind == "got" else ()) for kind, text in texts if text]


def _remark(remark: Remark) -> Row:
    why = wire_remarks.reason(remark.kind, remark.name, remark.module)
    text = (
        f"Left out, because {why}"
        if remark.left_out
        else f"{why[0].upper()}{why[1:]} (it costs nothing until it is used)"
    )
    return Row("remark", (text,), places=(Position(remark.module, remark.line, "<module>", remark.source),))


def _unwrap(error: BaseException) -> BaseException:
    """Find the failure inside the group that Hypothesis raises if a check behaves differently from call to call."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _not_written(error: NotStarted) -> Row:
    text = printable(str(error))
    return Row("not_written", (text,) if text else ())


def _called(asked: Sequence[AnyRequest]) -> list[Row]:
    lines, order, more = show_calls(asked, MAX_CASE_LINES)
    if not lines:
        return []
    function = last_called(asked)
    about = (function,) if function else ()
    return [Row("called", tuple(lines), order=tuple(order) if len(order) > 1 else (), more=more, about=about)]


def _where_next(check: Check, exercise: Exercise) -> list[Row]:
    """Say what to read, and how to run the check again."""
    book = (f"the book's {exercise.book}",) if exercise.book else ()
    rerun = [Row("rerun", (check.id,))] if check.visibility == "visible" else []
    return [Row("see", book, exercise=exercise.id), *rerun]


def _shown(frame: Frame) -> Position:
    """Copy a frame, with its texts made safe to show."""
    return Position(printable(frame.module, 60), frame.line, printable(frame.function, 60), printable(frame.source, 80))
