"""A trial of the sandbox: our own submission tries the things that the sandbox should prevent."""

from __future__ import annotations

import tempfile
from pathlib import Path

from grader.learner.workspace import Workspace
from grader.port.port import Deadline, Port
from grader.port.transport import OtherProcess
from grader.sandbox.launch import Sandbox
from grader.wire.plain import Plain

_TRIAL = '''
import os

def files():
    """See no folder of the machine's but Python's, and write into none."""
    found = [path for path in ("/etc/passwd", "/home", "/proc/self", "/sys", "/dev/shm") if os.path.exists(path)]
    try:
        open(os.path.join(os.path.dirname(os.__file__), "written"), "w")
        found.append("Python's own folder can be written")
    except OSError:
        pass
    return found

def network():
    """Open a socket."""
    import socket
    try:
        return [str(socket.socket())]
    except OSError:
        return []

def processes():
    """Start a process, a program, or see another one."""
    found = []
    for start in (os.fork, lambda: os.execv("/usr/bin/true", ["true"])):
        try:
            if start() == 0:
                os._exit(0)
            found.append("a process was started")
        except OSError:
            pass
    return found + ([] if os.getpid() == 1 else ["other processes exist"])

def memory():
    """Take more memory than is allowed."""
    try:
        return [f"{len(bytearray(64 * 2**30))} bytes were taken"]
    except MemoryError:
        return []

def privileges():
    """Become somebody else, or change the root."""
    found = []
    for attempt in (lambda: os.setuid(0), lambda: os.chroot("/tmp")):
        try:
            attempt()
            found.append("it was allowed")
        except OSError:
            pass
    return found

def environment():
    """See the environment of the grader, or a descriptor that is not its own connection."""
    known = {"OMP_NUM_THREADS", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PWD", "LC_CTYPE"}
    found = sorted(set(os.environ) - known)
    for descriptor in range(3, 256):
        try:
            kind = os.fstat(descriptor).st_mode & 0o170000
        except OSError:
            continue
        if kind != 0o140000:
            found.append(f"descriptor {descriptor} is open")
    return found
'''

_LIMITS = ("files", "network", "processes", "memory", "privileges", "environment")


def try_sandbox(sandbox: Sandbox) -> list[tuple[str, bool, str]]:
    """Try each limit; return its name, whether it held, and a sentence about the result."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.py"
        path.write_text(_TRIAL, encoding="utf-8")
        for name in _LIMITS:
            transport = OtherProcess(Workspace({"trial": path}), sandbox.open)
            try:
                through: Plain = Port(transport, "trial", Deadline(10.0, 10.0)).call(name)
            finally:
                transport.close()
            held = through == []
            results.append((name, held, "closed off" if held else f"not closed off: {through}"))
    return results
