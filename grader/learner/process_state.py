"""Keeping what a learner's module sets for its whole process away from everything else in that process.

At grading, each exercise has its own process, so there is nothing to do. At home, the checks and all modules share one.
There, a module's settings hold only while its own code runs.
"""

from __future__ import annotations

import builtins
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

_OWNERS: tuple[Any, ...] = (
    torch, torch.nn, torch.nn.functional, torch.nn.Module, torch.Tensor, torch.autograd, torch.linalg, torch.optim,
    torch.optim.Optimizer, torch.random, torch.utils.data, np, np.random, builtins, math, random, time,
)  # fmt: skip
"""Modules and classes in which code may replace a function."""
_MISSING = object()

_Setting = tuple[Callable[[], Any], Callable[[Any], object]]


def _set_device(device: torch.device) -> None:
    torch.set_default_device(None if device.type == "cpu" else device)


def _set_path(path: list[str]) -> None:
    sys.path[:] = path


def _set_environment(values: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name not in values]:
        del os.environ[name]
    for name, value in values.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


_SETTINGS: tuple[_Setting, ...] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.get_default_device, _set_device),
    (np.geterr, lambda modes: np.seterr(**modes)),
)
"""How to read a setting of the process, and how to set it."""

_SET_BY_IMPORTS: tuple[_Setting, ...] = (
    (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (torch.get_num_threads, torch.set_num_threads),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (os.getcwd, os.chdir),
    (lambda: list(sys.path), _set_path),
    (lambda: dict(os.environ), _set_environment),
)
"""The same, for settings that take longer to read, and that hardly anything but an import changes."""


class ProcessState:
    """What a learner's modules set for their process: it is so inside, and as before outside."""

    def __init__(self) -> None:
        self._set: dict[_Setting, Any] = {}
        self._replaced: dict[tuple[Any, str], tuple[Any, Any]] = {}
        self._before: dict[_Setting, Any] = {}
        self._members: list[dict[str, Any]] | None = None

    def __enter__(self) -> None:
        self._members = None
        self._before = {setting: setting[0]() for setting in (*_SETTINGS, *self._set)}
        for (_, write), value in self._set.items():
            write(value)
        for (owner, name), (_, after) in self._replaced.items():
            _replace(owner, name, after)

    def look_closely(self) -> None:
        """Notice everything that is set from now on, as an import may do; call this inside."""
        self._before = {setting: setting[0]() for setting in _SET_BY_IMPORTS} | self._before
        self._members = [dict(vars(owner)) for owner in _OWNERS]

    def __exit__(self, *args: object) -> None:
        for setting, before in self._before.items():
            read, write = setting
            if (value := read()) != before:
                self._set[setting] = value
                write(before)
            else:
                self._set.pop(setting, None)
        if self._members is not None:
            for owner, members in zip(_OWNERS, self._members, strict=True):
                for name, before, after in _changes(members, owner):
                    before = self._replaced.get((owner, name), (before, None))[0]
                    self._replaced[owner, name] = before, after
        for (owner, name), (before, _) in self._replaced.items():
            _replace(owner, name, before)


def _changes(before: Mapping[str, Any], owner: Any) -> Iterator[tuple[str, Any, Any]]:
    """List the names whose values differ, each with both values."""
    for name, after in vars(owner).items():
        # A module also gets new names from imports inside of it, which replace nothing.
        if after is not before.get(name, _MISSING) and (name in before or isinstance(owner, type)):
            yield name, before.get(name, _MISSING), after


def _replace(owner: Any, name: str, value: Any) -> None:
    if value is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)
