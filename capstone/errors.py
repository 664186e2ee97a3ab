"""The capstone's own errors. Each message ends with what to do next."""

from __future__ import annotations

from grader.errors import GraderError


class NoDevice(GraderError):
    """The device that was asked for is not there."""


class UnfitText(GraderError):
    """A text that was named cannot be learned from."""


class DamagedRun(GraderError):
    """Files of an earlier run are there and cannot be read."""
