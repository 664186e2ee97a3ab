"""Switches for what makes the grader faster and harder to read: see docs/internals.md.

`GRADER_OFF=replay,large_pages grader grade ...` grades without these. Results are the same either way, only later.
"""

from __future__ import annotations

import os

VARIABLE = "GRADER_OFF"
SWITCHES = ("replay", "torch_names", "large_pages", "nbgrader_patches")


def is_off(switch: str) -> bool:
    """Say whether a switch of `SWITCHES` is off: whether the environment variable `GRADER_OFF` names it.

    Raises:
        ValueError: the variable names something that is no switch.
    """
    off = os.environ.get(VARIABLE, "").replace(",", " ").split()
    if unknown := [name for name in off if name not in SWITCHES]:
        raise ValueError(f"{VARIABLE} names {', '.join(unknown)}; there are {', '.join(SWITCHES)}")
    return switch in off


def as_environment() -> dict[str, str]:
    """Return the variable as a process needs it that inherits no environment; nothing if all switches are on."""
    return {VARIABLE: os.environ[VARIABLE]} if os.environ.get(VARIABLE) else {}
