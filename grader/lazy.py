"""Packages that import what they offer when it is first asked for: torch, above all, takes a second or two."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def offering(package: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """Return what a package's `__getattr__` is to be.

    Args:
        package: the package's name.
        names: what it offers, and the module in which that is; one of its own with a dot before it.
    """

    def find(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(names[name], package), name)

    return find
