"""What torch imports only when it is first used: seconds that are not the learner's, whatever their code does."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.wire.requests import AnyRequest

FOR_GRADIENTS = ("torch.fx.experimental.symbolic_shapes", "torch.nested._internal.nested_tensor")
FOR_OPTIMIZERS = ("torch._dynamo",)
"""What torch imports at the first backward pass (half a second), and at an optimizer's first step (two seconds)."""


def import_all(names: Sequence[str]) -> None:
    """Import modules, but for those that this version of torch does not have."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def import_for(requests: Sequence[AnyRequest]) -> None:
    """Import what answering some requests will need."""
    # Asked before every question, and so by name: nothing is looked up but the class.
    for request in requests:
        kind = type(request).__name__
        if kind == "Backward":
            import_all(FOR_GRADIENTS)
        elif kind == "Probe" and getattr(request, "kind", "") == "optimizer":
            import_all(FOR_OPTIMIZERS)
