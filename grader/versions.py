"""What grades: the version of Python, and of torch, which can change results."""

from __future__ import annotations

import importlib.metadata
import platform


def python_version() -> str:
    """Return the version of the Python that runs the grader and the submissions."""
    return platform.python_version()


def torch_version() -> str:
    """Return the version of torch, without importing it; empty if it isn't installed."""
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""
