"""The extra requirements of notebooks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.extras import require


def require_nbgrader() -> None:
    """Make sure that nbgrader is installed, and finds the commands that it calls.

    Raises:
        MissingPackage: nbgrader is not installed.
    """
    require("These commands need", "nbgrader", "nbgrader")
    # They are next to this Python, which isn't on the path unless its environment is activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
