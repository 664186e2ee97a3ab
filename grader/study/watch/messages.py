"""What is said between `grader watch` and the process that runs the checks: plain data, never pickled."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from grader.study.state import KnownMistake


class CheckRequest(msgspec.Struct, frozen=True):
    """Check these exercises; whatever is being checked is given up."""

    number: int
    exercises: list[str]


class WorkerReady(msgspec.Struct, frozen=True, tag=True):
    """Everything is imported and collected; `forks` says that what is running is given up for a new order."""

    forks: bool


class Step(msgspec.Struct, frozen=True, tag=True):
    """A check is done."""

    number: int
    exercise: str
    done: int
    of: int


class Told(msgspec.Struct, frozen=True, tag=True):
    """What came of one exercise: the summary's lines, the first the tally, and what is remembered of it."""

    number: int
    exercise: str
    lines: list[str]
    statuses: dict[str, str]
    over_standins: bool
    mistakes: list[KnownMistake]
    machine: bool


class Done(msgspec.Struct, frozen=True, tag=True):
    """All that was ordered is done; `dirty` says that the learner's code has changed what later code would meet."""

    number: int
    dirty: bool = False


class Died(msgspec.Struct, frozen=True, tag=True):
    """The learner's code ended its process, or the process could not begin; `told` says how."""

    number: int
    told: str


class Broken(msgspec.Struct, frozen=True, tag=True):
    """The grader cannot work; `told` says why and what to do."""

    told: str


Report: TypeAlias = WorkerReady | Step | Told | Done | Died | Broken


def pack(message: Report | CheckRequest) -> bytes:
    """Make bytes of a message."""
    return msgspec.msgpack.encode(message)


def unpack_report(data: bytes) -> Report:
    """Read a report.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    report: Report = msgspec.msgpack.decode(data, type=Report)
    return report


def unpack_order(data: bytes) -> CheckRequest:
    """Read an order."""
    return msgspec.msgpack.decode(data, type=CheckRequest)
