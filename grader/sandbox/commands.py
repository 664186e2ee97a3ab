"""What the process behind the walls is told to do, and what it answers."""

from __future__ import annotations

import msgspec

from grader.sandbox import worker


class Start(msgspec.Struct, frozen=True, tag=True):
    """Start a cell; its socket comes with the order, and the submission's modules come over that socket."""

    number: int
    limits: worker.Limits
    readable: list[str]


class End(msgspec.Struct, frozen=True, tag=True):
    """End a cell and everything it started; the answer is how it ended."""

    number: int


class Join(msgspec.Struct, frozen=True, tag=True):
    """Take orders from another socket too, which comes with this one."""


class Ended(msgspec.Struct, frozen=True):
    """The wait status of a cell's first process, or -1 where the walls could not be put up."""

    number: int
    status: int
    problem: str
