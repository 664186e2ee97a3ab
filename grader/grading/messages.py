"""What those who hand out the work need to know of judges; it imports nothing of what only a judge needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SandboxMode = Literal["auto", "require", "off"]


@dataclass(frozen=True)
class Ready:
    """A judge's first message: it has collected the checks."""


@dataclass(frozen=True)
class SharedReplies:
    """What a judge has come to know, packed: for the other judges alone, on the way to which nobody looks into it."""

    packed: bytes


@dataclass(frozen=True)
class GradingOptions:
    """How judges work; see `grade`."""

    sandbox: SandboxMode = "auto"
    trusted: bool = False
    diagnosing: bool = True
