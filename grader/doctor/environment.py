"""Whether Python runs in an environment with the grader's packages, and how to get into one.

It needs nothing but Python's library, and versions of Python that are too old for the rest can read it, too.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder that `pip install -e` takes, if the grader runs from its own folder."""
ENVIRONMENT = ".venv"
"""The name that the README gives to the environment."""
OLDEST = (3, 11)
"""The oldest version of Python that runs the grader, as pyproject.toml says, too."""
MODULES = ("typer", "torch", "numpy", "hypothesis", "msgspec", "regex", "rich", "tiktoken", "yaml")
"""Modules of the packages that the grader needs; enough of them to see whether it was installed."""
MANY = 3
"""If so many of them are missing, this isn't the environment in which the grader was installed."""


def too_old() -> str:
    """Say that this version of Python is too old, and what to do; empty if it isn't."""
    if sys.version_info >= OLDEST:
        return ""
    oldest, this = (".".join(map(str, version)) for version in (OLDEST, sys.version_info[:3]))
    return f"The grader needs Python {oldest} or newer, and {sys.executable} is Python {this}. {remedy()}"


def not_here() -> str:
    """Say that Python runs outside of the grader's environment, and what to do; empty if it doesn't.

    Single packages that are missing in the right environment are another problem.
    """
    missing = [name for name in MODULES if importlib.util.find_spec(name) is None]
    if not missing or not _is_a_checkout() or (len(missing) < MANY and not _is_elsewhere()):
        return ""
    return f"The grader can't start: {missing[0]} isn't installed for {sys.executable}. {remedy()}"


def remedy() -> str:
    """Say how to get into an environment with the grader: activate it, or make it and install."""
    if _is_elsewhere():
        return f"Activate the environment: {_activation()}"
    install = f"pip install -e {_seen_from_here(ROOT)}"
    if sys.version_info >= OLDEST and (sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ):
        return f"Install the grader: {install}"
    python = "python" if os.name == "nt" else "python3"
    create = f"{python} -m venv {_seen_from_here(ROOT / ENVIRONMENT)}"
    newer = "" if sys.version_info >= OLDEST else " with a newer Python"
    return f"Create an environment{newer}, and install the grader in it: {create}; {_activation()}; {install}"


def _is_a_checkout() -> bool:
    return (ROOT / "pyproject.toml").is_file()


def _is_elsewhere() -> bool:
    """Say whether the project has an environment, and this isn't it."""
    environment = ROOT / ENVIRONMENT
    return (environment / "pyvenv.cfg").is_file() and Path(sys.prefix).resolve() != environment.resolve()


def _activation() -> str:
    environment = ROOT / ENVIRONMENT
    if os.name == "nt":
        return _seen_from_here(environment / "Scripts" / "activate")
    return f"source {_seen_from_here(environment / 'bin' / 'activate')}"


def _seen_from_here(path: Path) -> str:
    """Return a path as somebody types it in the current folder."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # the folder is gone; another drive
        return str(path)
    return min(relative, str(path), key=len)
