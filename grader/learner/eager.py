"""What a learner's code does in another way here, with the same result: it compiles nothing, and loads data itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader

_ONLY_FOR_WORKERS = ("prefetch_factor", "persistent_workers", "timeout", "multiprocessing_context", "worker_init_fn")
_compile, _init = torch.compile, DataLoader.__init__
_SIGNATURE = inspect.signature(_init)


@functools.wraps(_compile)
def _uncompiled(model: Callable[..., Any] | None = None, **options: object) -> Any:
    return model if model is not None else lambda decorated: decorated


@functools.wraps(_init)
def _without_workers(*args: Any, **kwargs: Any) -> None:
    bound = _SIGNATURE.bind(*args, **kwargs)
    workers = bound.arguments.get("num_workers")
    if isinstance(workers, int) and workers > 0:
        for name in ("num_workers", *_ONLY_FOR_WORKERS):
            bound.arguments.pop(name, None)
    _init(*bound.args, **bound.kwargs)


class Eager:
    """Inside, `torch.compile` changes nothing, and a `DataLoader` has no workers, however many it is asked for."""

    def __enter__(self) -> None:
        torch.compile = _uncompiled
        DataLoader.__init__ = _without_workers  # type: ignore[method-assign]

    def __exit__(self, *args: object) -> None:
        torch.compile = _compile
        DataLoader.__init__ = _init  # type: ignore[method-assign]
