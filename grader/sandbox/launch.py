"""The sandbox: bubblewrap's walls around a zygote, from which each submission gets a cell of its own.

What stands on this machine is found out by trying (`find_problem`). Where walls are missing, grading goes on without
them and says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import msgspec

from grader.learner.late_imports import FOR_GRADIENTS, FOR_OPTIMIZERS
from grader.learner.workspace import Workspace
from grader.sandbox.commands import End, Ended, Join, Start
from grader.sandbox.worker import WORKER_ROOT, Limits, machine_is_known
from grader.wire import switches
from grader.wire.connection import START_SECONDS, tell_status
from grader.wire.frames import HEADER, Frames, WireError

TRIES = 3
_KIT = "/kit"
MOUNTED = ("wire", "learner", "sandbox")
"""The packages of ours that are seen inside the sandbox: whole folders, which import nothing else of ours."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_BOOT = f"import sys; sys.path.insert(0, {_KIT!r}); from grader.sandbox.fork_server import main; main()"


class SandboxError(Exception):
    """The walls cannot be put up on this machine; the text says which and what to do."""


class SandboxClient:
    """A way into a sandbox for one process at a time: `open` gives a line to a cell for a workspace.

    Args:
        control: the socket on which the zygote takes orders.
        limits: what a cell may use.
    """

    def __init__(self, control: socket.socket, limits: Limits | None = None) -> None:
        self._control = control
        self._control.settimeout(START_SECONDS)
        self._limits = limits or Limits()
        self._readable = [path for path in _readable() if not os.path.islink(path)]
        self._count = 0

    def open(self, workspace: Workspace) -> Worker:
        """Start a cell that holds the files of a workspace.

        Raises:
            SandboxError: it does not start.
        """
        self._count += 1
        number = self._count
        sources = {name: path.read_bytes() for name, path in workspace.files.items()}
        files = msgspec.msgpack.encode(sources)
        ours, theirs = socket.socketpair()
        found = Worker(self, number, ours)
        try:
            with theirs:
                self._order(Start(number, self._limits, [*self._readable, *_DEVICES, _KIT]), theirs)
            # To the cell itself: what passes through the zygote's memory, a later cell could find there.
            found.send(HEADER.pack(len(files)) + files, START_SECONDS)
            found.receive(START_SECONDS)
        except (EOFError, OSError, WireError) as error:
            raise SandboxError(f"a cell does not start here: {found.end() or error}") from error
        return found

    def leads_in(self) -> bool:
        """Say whether a cell can be opened."""
        try:
            self.open(Workspace({})).end()
        except (SandboxError, OSError):
            return False
        return True

    def end(self, number: int) -> Ended:
        """End a cell and everything it started."""
        self._order(End(number))
        header = _receive(self._control, HEADER.size)
        if len(header) < HEADER.size:
            raise ConnectionError("the process behind the walls is gone")
        (length,) = HEADER.unpack(header)
        return msgspec.msgpack.decode(_receive(self._control, length), type=Ended)

    def close(self) -> None:
        """Close this way in; the zygote ends every cell that came through it."""
        self._control.close()

    def _order(self, order: Start | End | Join, given: socket.socket | None = None) -> None:
        data = msgspec.msgpack.encode(order)
        header = HEADER.pack(len(data))
        if given is None:
            self._control.sendall(header + data)
        else:
            socket.send_fds(self._control, [header], [given.fileno()])
            self._control.sendall(data)


class Sandbox(SandboxClient):
    """Outer walls with a zygote inside, which goes up while this process goes on: see `wait`.

    Args:
        limits: what a cell may use.
        optimizers: many cells will use optimizers: what these need is imported once for all.

    Raises:
        OSError: bubblewrap cannot be started.
    """

    def __init__(self, limits: Limits | None = None, optimizers: bool = False) -> None:
        control, theirs = socket.socketpair()
        super().__init__(control, limits)
        command = [*_bubblewrap(), sys.executable, "-I", "-B", "-c", _BOOT, str(theirs.fileno())]
        command += [*FOR_GRADIENTS, *(FOR_OPTIMIZERS if optimizers else ())]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={},
        )
        theirs.close()

    def wait(self) -> None:
        """Wait until the walls stand; a cell is opened to try them.

        Raises:
            SandboxError: they cannot be put up; nothing is left of them.
        """
        try:
            if _receive(self._control, 5) != b"ready":
                self._process.kill()
                told = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
                raise SandboxError(f"bubblewrap does not start here: {' '.join(told.split())[-300:]}")
            self.open(Workspace({})).end()
        except OSError as error:
            self.close()
            raise SandboxError(str(error)) from error
        except SandboxError:
            self.close()
            raise

    def is_up(self) -> bool:
        """Wait until the walls stand; False where they do not."""
        try:
            self.wait()
        except SandboxError:
            return False
        return True

    def connect(self) -> socket.socket:
        """Make a way in for another process, which puts a `Door` around the socket."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._order(Join(), theirs)
            except OSError:
                ours.close()
                raise
        return ours

    def close(self) -> None:
        """Take the walls down, and end everything inside."""
        super().close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()


class Worker:
    """A line to one submission's process inside the walls."""

    def __init__(self, sandbox_socket: SandboxClient, number: int, connection: socket.socket) -> None:
        self._sandbox_client, self._number, self._connection = sandbox_socket, number, connection
        self._frames = Frames(self._receive)
        self._end = 0.0

    def send(self, frame: bytes, seconds: float) -> None:
        self._connection.settimeout(seconds)
        self._connection.sendall(frame)

    def receive(self, seconds: float) -> bytes:
        self._end = time.monotonic() + seconds
        return self._frames.next()

    def end(self) -> str:
        self._connection.close()
        ended = self._sandbox_client.end(self._number)
        if ended.problem:
            return ended.problem
        code = os.waitstatus_to_exitcode(ended.status) if ended.status >= 0 else 0
        return tell_status(code)

    def _receive(self, most: int) -> bytes:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv(most)


def begin_sandbox(optimizers: bool = False) -> Sandbox | None:
    """Begin to put up walls; None where it cannot even begin."""
    try:
        return None if _why_not() else Sandbox(optimizers=optimizers)
    except OSError:
        return None


def start_sandbox(optimizers: bool = False) -> tuple[Sandbox | None, str]:
    """Put up the walls and try them; where they do not stand on this machine, say in a sentence why."""
    problem = _why_not()
    if problem:
        return None, problem
    # More than once: what was killed on its way up may stand the next time.
    for _ in range(TRIES):
        try:
            sandbox = Sandbox(optimizers=optimizers)
            sandbox.wait()
        except (SandboxError, OSError) as error:
            problem = str(error)
        else:
            return sandbox, ""
    return None, problem


def _why_not() -> str:
    """Say why there cannot be walls here; nothing where they can be tried."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is missing (Debian, Ubuntu: apt install bubblewrap)"
    return "" if machine_is_known() else "the system calls of this processor are not known here"


def _readable() -> list[str]:
    """List the folders that a Python with torch needs, and no others."""
    wanted = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"]
    for prefix in (sys.prefix, sys.base_prefix):
        # Of the system's own prefixes only the libraries; one that is Python's alone as a whole.
        wanted += [f"{prefix}/lib", f"{prefix}/lib64"] if prefix in ("/usr", "/usr/local") else [prefix]
    wanted += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted += [*site.getsitepackages(), str(Path(sys.executable).resolve())]
    found: list[str] = []
    for path in wanted:
        inside = any(path == other or path.startswith(other.rstrip("/") + "/") for other in found)
        if os.path.exists(path) and not inside:
            found.append(path)
    return found


def _bubblewrap() -> list[str]:
    """Return the command that puts up the outer walls."""
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-user",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
    ]
    command += ["--die-with-parent", "--new-session", "--clearenv", "--hostname", "cell"]
    environment = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    for name, value in (environment | switches.as_environment()).items():
        command += ["--setenv", name, value]
    # First /tmp, since Python itself may lie in it.
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", WORKER_ROOT]
    for path in _readable():
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        else:
            command += ["--ro-bind", path, path]
    package = Path(__file__).resolve().parents[1]
    for name in ("__init__.py", *MOUNTED):
        command += ["--ro-bind", str(package / name), f"{_KIT}/grader/{name}"]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _receive(connection: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            break
        data += part
    return bytes(data)
