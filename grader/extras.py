"""Packages that only some commands need: whether they are installed, and how to install them."""

from __future__ import annotations

import importlib.util

from grader.errors import MissingPackage

DISTRIBUTION = "gpt-workbook"
"""The name of the package in its own metadata. Every course installs this same package, whatever it teaches."""


def is_installed(module: str) -> bool:
    """Say whether a module can be imported, without importing it."""
    return importlib.util.find_spec(module) is not None


def not_installed(need: str, module: str, extra: str = "") -> str:
    """Say that a package is missing, and what to type.

    Args:
        need: the beginning of the sentence, which says who needs it: "The site needs".
        module: the name of the package.
        extra: the extra of this project that installs it; empty for packages that everybody needs.
    """
    return f"{need} {module}, which is not installed. Run: {install_command(extra)}"


def install_command(extra: str = "") -> str:
    """Return what to type in the project's folder to install the project, with an extra if one is given."""
    return f'pip install -e ".[{extra}]"' if extra else "pip install -e ."


def require(need: str, extra: str, *modules: str) -> None:
    """Make sure that modules are installed.

    Args:
        need: the beginning of the sentence, which says who needs them: "The site needs".
        extra: the extra of this project that installs them; empty for packages that everybody needs.
        modules: the modules.

    Raises:
        MissingPackage: one of them is not installed; the message says what to type.
    """
    for module in modules:
        if not is_installed(module):
            raise MissingPackage(not_installed(need, module, extra))
