"""How processes of our own are started: where it can be, as forks of one that has imported everything once."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_imported_once: dict[str, None] = {"grader.engine.judge": None}


def process_context(*modules: str) -> ForkServerContext | SpawnContext:
    """Return the way to start processes that grade.

    Where it can be, each is the fork of one process that has imported everything once: `modules` too, if they are named
    before the first process starts.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    _imported_once.update(dict.fromkeys(modules))
    context.set_forkserver_preload(list(_imported_once))
    return context


def prepare_processes(*modules: str) -> None:
    """Have that one process begin with its imports, while this one goes on with its own."""
    if process_context(*modules).get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with started_deaf():
            forkserver.ensure_running()


@contextlib.contextmanager
def started_deaf() -> Iterator[None]:
    """Have processes that are started here ignore Ctrl-C from their first moment on; later they may listen."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
