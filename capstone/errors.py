"""The capstone's own errors. Each message ends with what to do next."""

from __future__ import annotations

from grader.errors import GraderError


class NoDevice(GraderError):
    """The requested device doesn't exist."""


class UnfitText(GraderError):
    """The model can't be trained on the given text."""


class DamagedRun(GraderError):
    """Files of an earlier run exist but can't be read."""


class NoWeights(GraderError):
    """Published weights can't be found or read."""


class NoModel(GraderError):
    """There is no trained model to fine-tune."""
