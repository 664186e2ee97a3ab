"""What those who hand out the work need to know of judges; it imports nothing of what only a judge needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from grader.errors import GraderError
from grader.wire.switches import is_off

SandboxMode = Literal["auto", "require", "off"]


@dataclass(frozen=True)
class Ready:
    """A judge's first message: it has collected the checks."""


@dataclass(frozen=True)
class SharedReplies:
    """What a judge has come to know, packed: for the other judges alone, on the way to which nobody looks into it."""

    packed: bytes


def _replays() -> bool:
    try:
        return not is_off("replay")
    except ValueError as error:
        raise GraderError(str(error)) from None


@dataclass(frozen=True)
class GradingOptions:
    """How judges work; see `grade`.

    Without `replay` every check of every submission runs, also where another submission has replied the same; results
    are the same, and grading takes longer: see docs/internals.md. `drafts` are the ids of the drafts that are graded.
    """

    sandbox: SandboxMode = "auto"
    trusted: bool = False
    diagnosing: bool = True
    replay: bool = field(default_factory=_replays)
    drafts: tuple[str, ...] = ()
