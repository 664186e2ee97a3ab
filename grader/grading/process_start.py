"""How we start processes: on Linux, as forks of one process that has imported everything once."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from grader.errors import LongPath

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

LONGEST = 75
"""The most bytes in the path of the folder for temporary files: a socket's path may have 107, and names are added."""

SAFE_PATH = "PYTHONSAFEPATH"
"""The variable with which Python doesn't look for modules in the working folder."""

_imported_once: dict[str, None] = {"grader.grading.grader_process": None}


def process_context(*modules: str) -> ForkServerContext | SpawnContext:
    """Return the multiprocessing context that starts grader processes.

    On Linux, each is a fork of one process that has imported everything once, including `modules` if they are given
    before the first process starts.

    Raises:
        LongPath: `TMPDIR` is too long for a socket in it.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    if len(os.fsencode(tempfile.gettempdir())) > LONGEST:
        raise LongPath(
            f"The path of the folder for temporary files is too long for a socket (more than {LONGEST} characters): "
            f"{tempfile.gettempdir()}. Set TMPDIR to a shorter one, such as /tmp."
        )
    context = multiprocessing.get_context("forkserver")
    _imported_once.update(dict.fromkeys(modules))
    context.set_forkserver_preload([*_imported_once, "grader.grading.preloaded"])
    return context


def prepare_processes(*modules: str) -> None:
    """Start the process that the others are forks of, so that it does its imports while this one does its own."""
    if process_context(*modules).get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with started_deaf(), without_the_working_folder():
            forkserver.ensure_running()


@contextlib.contextmanager
def without_the_program() -> Iterator[None]:
    """Keep processes that are started here from running the program that starts them.

    By default Python runs a program's file again in each of them, for the functions that it defines.
    """
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


@contextlib.contextmanager
def without_the_working_folder() -> Iterator[None]:
    """Keep processes that are started here from importing what happens to be in the working folder."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before


@contextlib.contextmanager
def started_deaf() -> Iterator[None]:
    """Have processes that are started here ignore Ctrl-C from the start; they can stop ignoring it later."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
