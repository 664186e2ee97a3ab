"""The messages to and from grader processes. It imports nothing that only a grader process needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from grader.errors import GraderError
from grader.wire.switches import is_off

SandboxMode = Literal["auto", "require", "off"]


@dataclass(frozen=True)
class Ready:
    """A grader process's first message: it has collected the checks."""


@dataclass(frozen=True)
class SharedReplies:
    """Replies that a grader process shares with the others, packed; nobody else looks into them."""

    packed: bytes


def _replays() -> bool:
    try:
        return not is_off("replay")
    except ValueError as error:
        raise GraderError(str(error)) from None


@dataclass(frozen=True)
class GradingOptions:
    """How grader processes work; see `grade`.

    Without `replay`, every check runs on every submission, even if another submission gave the same replies. Results
    are the same, but grading takes longer (docs/internals.md). `drafts` are the ids of the drafts to grade.
    """

    sandbox: SandboxMode = "auto"
    trusted: bool = False
    diagnosing: bool = True
    replay: bool = field(default_factory=_replays)
    drafts: tuple[str, ...] = ()
