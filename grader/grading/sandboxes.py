"""Starting the sandbox where there can be one; on other platforms, a sentence that says why not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.sandbox.launch import Sandbox


def start_sandbox(optimizers: bool = False) -> tuple[Sandbox | None, str]:
    """Put up the sandbox, with what `optimizers` need imported; where it does not stand here, say in a sentence why."""
    if sys.platform != "linux":
        return None, "the sandbox works on Linux only"
    # Its modules use what other platforms do not have.
    from grader.sandbox.launch import start_sandbox as start

    return start(optimizers)


def begin_sandbox(optimizers: bool = False) -> Sandbox | None:
    """Begin to put up the sandbox, without waiting until it stands; None where there cannot be one."""
    if sys.platform != "linux":
        return None
    from grader.sandbox.launch import begin_sandbox as begin

    return begin(optimizers)
