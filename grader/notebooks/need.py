"""What notebooks need that the rest of the grader does not."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

from grader.errors import CourseError


def require_nbgrader() -> None:
    """Make sure that nbgrader is there, and finds the commands that it calls.

    Raises:
        CourseError: it is missing.
    """
    try:
        importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        raise CourseError('nbgrader is not installed. Install it: pip install "gpt-workbook[nbgrader]"') from None
    # They lie beside this Python, which is not on the path where its environment was not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
