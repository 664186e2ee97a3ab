"""Importing what is imported only at first use, parts of torch and pandas, so that it isn't a learner's time."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.wire.requests import AnyRequest

FOR_GRADIENTS = ("torch.fx.experimental.symbolic_shapes", "torch.nested._internal.nested_tensor")
FOR_OPTIMIZERS = ("torch._dynamo",)
"""The modules that torch imports at the first backward pass (half a second), and at an optimizer's first step (two).

The second are also imported with the first tensor on another device.
"""
WITH_OPTIMIZERS = ("optimizer", "Trainee", "Weights", "another_device", "moved")
FOR_FRAMES = ("pandas",)


def import_all(names: Sequence[str]) -> None:
    """Import modules; skip those that aren't there, for example in this version of torch."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def import_for(requests: Sequence[AnyRequest]) -> None:
    """Import the modules that are needed to answer these requests."""
    # This runs before every question, so it only compares names, without importing the classes.
    for request in requests:
        kind = type(request).__name__
        if kind == "Backward":
            import_all(FOR_GRADIENTS)
        elif kind == "Probe" and getattr(request, "kind", "") in WITH_OPTIMIZERS:
            import_all(FOR_OPTIMIZERS)
        elif kind == "Probe" and getattr(request, "kind", "") == "frame":
            import_all(FOR_FRAMES)
