"""Which tests `make test` runs in turn because together they take long; `make slow` runs the others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

THIRD = 3
CHANGES = Path(__file__).resolve().parents[2] / "CHANGELOG.md"


def in_turn(names: Sequence[str]) -> list[Any]:
    """Make parameters of names, marked as slow except for a third of them.

    Which third it is follows from the changelog, so it's the same in every run, and another one after a change.
    """
    key = CHANGES.read_bytes()
    order = sorted(names, key=lambda name: hashlib.sha256(key + name.encode()).digest())
    tried = order[: -(-len(names) // THIRD)]
    return [pytest.param(name, marks=() if name in tried else pytest.mark.slow) for name in names]
