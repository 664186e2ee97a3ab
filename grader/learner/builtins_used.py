"""Noticing which torch functions and which modules a learner's code uses while it runs, whatever it calls them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class WatchMode(TorchFunctionMode):
    """Notices calls of torch functions and imports of modules. Imports are noticed even if the mode isn't active.

    Args:
        names: full names, such as `torch.nn.functional.layer_norm` or `tiktoken`. A name that doesn't exist is ignored.

    Attributes:
        names: the names.
        functions: the torch functions among them.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        super().__init__()
        self.names = list(names)
        self._by_id = {id(function): name for name in names if (function := _function(name)) is not None}
        self.functions = list(self._by_id.values())
        self._modules = [name for name in names if "." not in name and name not in sys.modules]
        self._seen: set[str] = set()

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        name = self._by_id.get(id(func))
        if name is not None:
            self._seen.add(name)
        return func(*args, **(kwargs or {}))

    def used(self) -> list[str]:
        """List the names that were used so far, in the order in which they were given."""
        seen = self._seen | {name for name in self._modules if name in sys.modules}
        return [name for name in self.names if name in seen]


def _function(name: str) -> Callable[..., Any] | None:
    module, _, last = name.rpartition(".")
    if module.split(".")[0] != torch.__name__:
        return None
    try:
        return getattr(importlib.import_module(module), last, None)
    except ImportError:
        return None
