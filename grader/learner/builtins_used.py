"""Which of torch's operations, and which modules, a learner's code uses: seen while it runs, under any name."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class WatchMode(TorchFunctionMode):
    """Notices calls of functions, and imports of modules, by their full names.

    Args:
        names: `torch.nn.functional.layer_norm`, say, or `tiktoken`. A name that does not exist is never seen.

    Attributes:
        functions: those of the names that are functions of torch. Imports are seen whether or not this is active.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        super().__init__()
        self.names = list(names)
        self._by_id = {id(found): name for name in names if (found := _function(name)) is not None}
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
        """List what was seen so far, in the order of the names."""
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
