"""Messages between `grader watch` and the process that runs the checks: plain data, never pickled."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from grader.study.state import KnownMistake


class CheckRequest(msgspec.Struct, frozen=True):
    """Check these exercises, and stop checking any others."""

    number: int
    exercises: list[str]


class WorkerReady(msgspec.Struct, frozen=True, tag=True):
    """Everything is imported and collected; `forks` means that a new request stops the running checks."""

    forks: bool


class Step(msgspec.Struct, frozen=True, tag=True):
    """A check is done."""

    number: int
    exercise: str
    done: int
    of: int


class Checked(msgspec.Struct, frozen=True, tag=True):
    """The results of one exercise: the lines of the summary (the first is the tally), and what to save."""

    number: int
    exercise: str
    lines: list[str]
    statuses: dict[str, str]
    over_standins: bool
    mistakes: list[KnownMistake]
    machine: bool


class Done(msgspec.Struct, frozen=True, tag=True):
    """The request is done; `dirty` means that the learner's code changed the process for later code."""

    number: int
    dirty: bool = False


class Died(msgspec.Struct, frozen=True, tag=True):
    """The learner's code ended its process, or the process couldn't start; `reason` says how."""

    number: int
    reason: str


class Broken(msgspec.Struct, frozen=True, tag=True):
    """The grader can't work; `reason` says why, and what to do."""

    reason: str


Report: TypeAlias = WorkerReady | Step | Checked | Done | Died | Broken


def pack(message: Report | CheckRequest) -> bytes:
    """Encode a message."""
    return msgspec.msgpack.encode(message)


def unpack_report(data: bytes) -> Report:
    """Decode a report.

    Raises:
        msgspec.MsgspecError: it isn't a report.
    """
    report: Report = msgspec.msgpack.decode(data, type=Report)
    return report


def unpack_request(data: bytes) -> CheckRequest:
    """Read a request."""
    return msgspec.msgpack.decode(data, type=CheckRequest)
