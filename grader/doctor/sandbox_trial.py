"""A trial of the sandbox: our own submission tries the things that the sandbox should prevent."""

from __future__ import annotations

import tempfile
from pathlib import Path

from grader.learner.workspace import Workspace
from grader.port.port import Deadline, Port
from grader.port.transport import OtherProcess
from grader.sandbox.launch import Sandbox
from grader.wire.plain import Plain

TRIAL = '''
import os

def files():
    """See no folder of the machine's but Python's, and write into none."""
    paths = ("/etc/passwd", "/home", "/proc/self", "/sys", "/dev/shm")
    found = [f"{path} is visible" for path in paths if os.path.exists(path)]
    try:
        open(os.path.join(os.path.dirname(os.__file__), "written"), "w")
        found.append("Python's own folder can be written to")
    except OSError:
        pass
    return found

def network():
    """Open a socket."""
    import socket
    try:
        socket.socket().close()
        return ["a socket can be opened"]
    except OSError:
        return []

def processes():
    """Start a process, a program, or see another one."""
    found = []
    for start in (os.fork, lambda: os.execv("/usr/bin/true", ["true"])):
        try:
            if start() == 0:
                os._exit(0)
            found.append("a process can be started")
        except OSError:
            pass
    return found + ([] if os.getpid() == 1 else ["other processes exist"])

def memory():
    """Take more memory than is allowed."""
    try:
        return [f"{len(bytearray(64 * 2**30))} bytes can be taken"]
    except MemoryError:
        return []

def privileges():
    """Become somebody else, or change the root."""
    found = []
    attempts = {
        "a submission can become root": lambda: os.setuid(0),
        "a submission can change the root folder": lambda: os.chroot("/tmp"),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
            found.append(name)
        except OSError:
            pass
    return found

def is_clock(descriptor):
    """Is it the kernel's file with three numbers: the thread's time on a processor, its waiting, its turns?"""
    try:
        numbers = os.pread(descriptor, 100, 0).split()
    except OSError:
        return False
    return len(numbers) == 3 and all(number.isdigit() for number in numbers)

def environment():
    """See the environment of the grader, or a descriptor that is neither its connection nor its clock."""
    known = {"OMP_NUM_THREADS", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PWD", "LC_CTYPE"}
    # torch itself sets this once something has been compiled.
    known.add("TORCHINDUCTOR_CACHE_DIR")
    # The fork server sets HOME to the worker's own folder; the grader's home would be a leak.
    if os.environ.get("HOME") == os.getcwd():
        known.add("HOME")
    found = [f"the variable {name} is visible" for name in sorted(set(os.environ) - known)]
    for descriptor in range(3, 256):
        try:
            kind = os.fstat(descriptor).st_mode & 0o170000
        except OSError:
            continue
        if kind != 0o140000 and not is_clock(descriptor):
            found.append(f"descriptor {descriptor} is open")
    return found
'''
"""What the submission consists of: a function for each limit, which returns what it could do in spite of it."""

_LIMITS = {
    "files": "closed off",
    "network": "closed off",
    "processes": "closed off",
    "memory": "limited",
    "privileges": "dropped",
    "environment": "hidden",
}
"""What the sandbox does to each of these."""


def try_sandbox(sandbox: Sandbox) -> list[tuple[str, bool, str]]:
    """Try each limit; return its name, whether it works, and the result in words."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.py"
        path.write_text(TRIAL, encoding="utf-8")
        for name, limited in _LIMITS.items():
            transport = OtherProcess(Workspace({"trial": path}), sandbox.open)
            try:
                leaks: Plain = Port(transport, "trial", Deadline(10.0, 10.0)).call(name)
            finally:
                transport.close()
            works = leaks == []
            in_words = ", ".join(map(str, leaks)) if isinstance(leaks, list) else str(leaks)
            results.append((name, works, limited if works else f"not {limited} ({in_words})"))
    return results
