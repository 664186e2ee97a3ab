"""What notebooks need that the rest of the grader does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.extras import require


def require_nbgrader() -> None:
    """Make sure that nbgrader is there, and finds the commands that it calls.

    Raises:
        MissingPackage: it is missing.
    """
    require("These commands need", "nbgrader", "nbgrader")
    # They lie beside this Python, which is not on the path where its environment was not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
