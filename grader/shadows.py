"""Scratch files that hide a package: `torch.py` in the folder in which Python looks first.

It needs only what Python has loaded when it starts, so that it works in spite of such a file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from os import PathLike

OF_A_COURSE = ("benchmarks", "capstone", "docs", "exercises", "grader", "pictures", "solutions", "tests")
"""Folders of a course that may have the name of a package."""
HARMLESS = ("antigravity", "idlelib", "test", "this", "turtledemo")
"""Modules of Python that nothing imports."""
_INSTALLED = ("site-packages", "dist-packages")


def hidden_by(folder: str | PathLike[str]) -> list[tuple[str, str]]:
    """List the files and packages in a folder that hide a module of Python or an installed package.

    Returns:
        The path of each, and the name of what it hides, in alphabetical order.
    """
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return []
    hiding = []
    for entry in entries:
        path = os.path.join(folder, entry)
        name, suffix = os.path.splitext(entry)
        is_package = not suffix and name not in OF_A_COURSE and os.path.isfile(os.path.join(path, "__init__.py"))
        if (suffix == ".py" or is_package) and name not in HARMLESS and _is_module(name, os.path.abspath(folder)):
            hiding.append((path, name))
    return hiding


def sentences(folders: Iterable[str | PathLike[str]]) -> list[str]:
    """Say which scratch files in some folders hide a package, each once."""
    hiding = {os.path.abspath(path): name for folder in folders for path, name in hidden_by(folder)}
    return [
        f"{path} hides `{name}` from Python, so whatever imports `{name}` gets this file. Rename it."
        for path, name in hiding.items()
    ]


def _is_module(name: str, folder: str) -> bool:
    if name in sys.stdlib_module_names:
        return True
    installed = [path for path in sys.path if path.endswith(_INSTALLED) and os.path.abspath(path) != folder]
    return any(
        os.path.isfile(os.path.join(path, f"{name}.py")) or os.path.isfile(os.path.join(path, name, "__init__.py"))
        for path in installed
    )
