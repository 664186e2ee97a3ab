"""Switches for the parts that make the grader faster and harder to read; see docs/internals.md.

`GRADER_OFF=replay,large_pages grader grade ...` grades without these two. You get the same results, only later.
"""

from __future__ import annotations

import os

VARIABLE = "GRADER_OFF"
SWITCHES = ("replay", "torch_names", "large_pages", "nbgrader_patches")


def is_off(switch: str) -> bool:
    """Say whether a switch from `SWITCHES` is off, because the environment variable `GRADER_OFF` names it.

    Raises:
        ValueError: the variable names something that isn't a switch.
    """
    off = os.environ.get(VARIABLE, "").replace(",", " ").split()
    if unknown := [name for name in off if name not in SWITCHES]:
        raise ValueError(f"{VARIABLE} names {', '.join(unknown)}; the switches are {', '.join(SWITCHES)}")
    return switch in off


def as_environment() -> dict[str, str]:
    """Return the variable for a process that inherits no environment; empty if all switches are on."""
    return {VARIABLE: os.environ[VARIABLE]} if os.environ.get(VARIABLE) else {}
