"""Starting the sandbox on platforms that have one; on others, a sentence that says why there is none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.sandbox.launch import Sandbox


def start_sandbox(optimizers: bool = False) -> tuple[Sandbox | None, str]:
    """Start the sandbox, with imports for optimizers if asked; if it can't start, return None and a sentence why."""
    if sys.platform != "linux":
        return None, "the sandbox works only on Linux"
    # These modules use features that other platforms don't have.
    from grader.sandbox.launch import start_sandbox as start

    return start(optimizers)


def begin_sandbox(optimizers: bool = False) -> Sandbox | None:
    """Start the sandbox without waiting until it is up; return None if there cannot be one."""
    if sys.platform != "linux":
        return None
    from grader.sandbox.launch import begin_sandbox as begin

    return begin(optimizers)
