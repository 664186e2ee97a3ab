"""Importing parts of torch that torch imports only at first use, so that this doesn't count as a learner's time."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.wire.requests import AnyRequest

FOR_GRADIENTS = ("torch.fx.experimental.symbolic_shapes", "torch.nested._internal.nested_tensor")
FOR_OPTIMIZERS = ("torch._dynamo",)
"""The modules that torch imports at the first backward pass (half a second), and at an optimizer's first step (two)."""


def import_all(names: Sequence[str]) -> None:
    """Import modules; skip those that this version of torch doesn't have."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def import_for(requests: Sequence[AnyRequest]) -> None:
    """Import the modules that torch needs to answer these requests."""
    # This runs before every question, so it only compares names, without importing the classes.
    for request in requests:
        kind = type(request).__name__
        if kind == "Backward":
            import_all(FOR_GRADIENTS)
        elif kind == "Probe" and getattr(request, "kind", "") in ("optimizer", "Trainee", "Weights"):
            import_all(FOR_OPTIMIZERS)
