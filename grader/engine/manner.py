"""What those who hand out the work need to know of judges; it imports nothing of what only a judge needs."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from grader.learner.sandbox import Sandbox

Walls = Literal["auto", "require", "off"]


@dataclass(frozen=True)
class Ready:
    """A judge's first message: it has collected the checks."""


@dataclass(frozen=True)
class News:
    """What a judge has come to know, packed: for the other judges alone, on the way to which nobody looks into it."""

    packed: bytes


@dataclass(frozen=True)
class Manner:
    """How judges work; see `grade`."""

    walls: Walls = "auto"
    trusted: bool = False
    diagnosing: bool = True


def serve(connection: Connection, course_file: Path, manner: Manner, door: socket.socket | None, shared: bool) -> None:
    """Be a judge: see `grader.engine.judge.serve`."""
    from grader.engine import judge

    judge.serve(connection, course_file, manner, door, shared)


def start_sandbox(optimizers: bool = False) -> tuple[Sandbox | None, str]:
    """Put up the sandbox, with what `optimizers` need imported; where it does not stand here, say in a sentence why."""
    if sys.platform != "linux":
        return None, "the sandbox works on Linux only"
    # Its modules use what other platforms do not have.
    from grader.learner.sandbox import start_sandbox as start

    return start(optimizers)


def begin_sandbox(optimizers: bool = False) -> Sandbox | None:
    """Begin to put up the sandbox, without waiting until it stands; None where there cannot be one."""
    if sys.platform != "linux":
        return None
    from grader.learner.sandbox import begin_sandbox as begin

    return begin(optimizers)
