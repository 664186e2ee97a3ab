"""Refusing what the sandbox refuses, in the same sentence wherever the checks run: processes and the network."""

from __future__ import annotations

import functools
import socket
import sys
import threading
from typing import Any

from grader.wire.remarks import Kind, reason

PROCESSES = frozenset(
    ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen")
)
NETWORK = frozenset(
    ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request")
)


class NotAllowedHere(PermissionError):
    """The learner's code wants something that the sandbox doesn't allow; `kind` says what."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"Your code can't do this here: {reason(kind, '')}")
        self.kind = kind


class Refusals:
    """Refuses processes and the network to one thread while it is inside; for a whole process, `forever`."""

    def __init__(self) -> None:
        self._threads: dict[int, int] = {}
        self._everywhere = False

    def forever(self) -> None:
        """Refuse from now on, in all threads."""
        _listen()
        self._everywhere = True

    def __enter__(self) -> None:
        _listen()
        thread = threading.get_ident()
        self._threads[thread] = self._threads.get(thread, 0) + 1

    def __exit__(self, *args: object) -> None:
        thread = threading.get_ident()
        self._threads[thread] -= 1
        if not self._threads[thread]:
            del self._threads[thread]

    def check(self, event: str, args: tuple[Any, ...]) -> None:
        """Look at an audit event of Python.

        Raises:
            NotAllowedHere: it starts another process or uses the network.
        """
        if event not in PROCESSES and event not in NETWORK:
            return
        # A debugger may talk to an editor.
        if not self._everywhere and (threading.get_ident() not in self._threads or sys.gettrace() is not None):
            return
        if event in PROCESSES:
            raise NotAllowedHere("process")
        is_internal = event == "socket.__new__" and args[1:2] == (getattr(socket, "AF_UNIX", None),)
        raise NotAllowedHere("asyncio" if is_internal else "network")


REFUSALS = Refusals()


@functools.cache
def _listen() -> None:
    sys.addaudithook(REFUSALS.check)
