"""The commands that the fork server takes, and its replies."""

from __future__ import annotations

import msgspec

from grader.sandbox import worker
from grader.wire.free import Free


class Start(msgspec.Struct, frozen=True, tag=True):
    """Start a worker; its socket comes with the command, and the submission's modules come over that socket.

    Attributes:
        number: stands for the worker in later commands.
        limits: what the worker may use.
        readable: the paths that it can read.
        free: what is free in which modules.
    """

    number: int
    limits: worker.Limits
    readable: list[str]
    free: dict[str, Free]


class End(msgspec.Struct, frozen=True, tag=True):
    """End a worker and everything it started; the reply is `Ended`."""

    number: int


class Join(msgspec.Struct, frozen=True, tag=True):
    """Take commands from another socket, too, which comes with this command."""


class Ended(msgspec.Struct, frozen=True):
    """How a worker ended.

    Attributes:
        number: the worker's number.
        status: the wait status of its first process; -1 if its sandbox couldn't be set up.
        problem: why not; empty otherwise.
    """

    number: int
    status: int
    problem: str
