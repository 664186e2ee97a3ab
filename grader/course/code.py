"""Import a course's own code: the files of facts and pictures, which use the helpers of visible checks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def imported(path: Path, root: Path, name: str) -> ModuleType:
    """Import a file of a course under a name of its own, with the course's root importable meanwhile.

    Args:
        path: the Python file.
        root: the course's root, from which the file may import `tests.visible` and its neighbors.
        name: the module's name; it isn't entered in `sys.modules`.

    Raises:
        Exception: whatever the file raises.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(root))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(root))
    return module
