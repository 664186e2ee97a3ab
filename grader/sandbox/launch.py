"""Starting the sandbox: bubblewrap around a fork server, from which each submission gets its own worker.

The only way to find out if a sandbox works on this machine is to try it (`start_sandbox`). If it doesn't, the caller
can grade without one, and say so.
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
"""Our packages that are visible inside the sandbox: whole folders, which import nothing else of ours."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_BOOT = f"import sys; sys.path.insert(0, {_KIT!r}); from grader.sandbox.fork_server import main; main()"


class SandboxError(Exception):
    """The sandbox, or a worker in it, can't be started on this machine; the message says why."""


class SandboxClient:
    """A connection to the fork server of a sandbox, for one process; `open` starts a worker.

    Args:
        control: the socket on which the fork server takes commands.
        limits: what each worker may use.
    """

    def __init__(self, control: socket.socket, limits: Limits | None = None) -> None:
        self._control = control
        self._control.settimeout(START_SECONDS)
        self._limits = limits or Limits()
        self._readable = [path for path in _readable() if not os.path.islink(path)]
        self._count = 0

    def open(self, workspace: Workspace) -> Worker:
        """Start a worker with the files of a workspace.

        Raises:
            SandboxError: the worker doesn't start.
        """
        self._count += 1
        number = self._count
        sources = {name: path.read_bytes() for name, path in workspace.files.items()}
        files = msgspec.msgpack.encode(sources)
        ours, theirs = socket.socketpair()
        worker = Worker(self, number, ours)
        try:
            with theirs:
                readable = [*self._readable, *_DEVICES, _KIT]
                self._send(Start(number, self._limits, readable, workspace.free), theirs)
            # Straight to the worker, because a later worker could find anything that was in the fork server's memory.
            worker.send(HEADER.pack(len(files)) + files, START_SECONDS)
            worker.receive(START_SECONDS)
        except (EOFError, OSError, WireError) as error:
            raise SandboxError(f"a worker doesn't start on this machine: {worker.end() or error}") from error
        return worker

    def leads_in(self) -> bool:
        """Say whether a worker can be started."""
        try:
            self.open(Workspace({})).end()
        except (SandboxError, OSError):
            return False
        return True

    def end(self, number: int) -> Ended:
        """End a worker and everything it started.

        Raises:
            OSError: the fork server is gone.
        """
        self._send(End(number))
        header = _receive(self._control, HEADER.size)
        if len(header) < HEADER.size:
            raise ConnectionError("the sandbox's fork server is gone")
        (length,) = HEADER.unpack(header)
        return msgspec.msgpack.decode(_receive(self._control, length), type=Ended)

    def close(self) -> None:
        """Close the connection; the fork server ends every worker that was started over it."""
        self._control.close()

    def _send(self, command: Start | End | Join, attached: socket.socket | None = None) -> None:
        data = msgspec.msgpack.encode(command)
        header = HEADER.pack(len(data))
        if attached is None:
            self._control.sendall(header + data)
        else:
            socket.send_fds(self._control, [header], [attached.fileno()])
            self._control.sendall(data)


class Sandbox(SandboxClient):
    """A sandbox with a fork server in it. It starts in the background; `wait` waits until it is ready.

    Args:
        limits: what each worker may use.
        optimizers: whether many workers will use optimizers; if so, the fork server imports what these need.

    Raises:
        OSError: bubblewrap can't be started.
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
        """Wait until the sandbox is ready, and start a worker to try it.

        Raises:
            SandboxError: the sandbox doesn't work on this machine; it is closed.
        """
        try:
            if _receive(self._control, 5) != b"ready":
                self._process.kill()
                output = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
                raise SandboxError(f"bubblewrap doesn't start on this machine: {' '.join(output.split())[-300:]}")
            self.open(Workspace({})).end()
        except OSError as error:
            self.close()
            raise SandboxError(str(error)) from error
        except SandboxError:
            self.close()
            raise

    def is_up(self) -> bool:
        """Wait until the sandbox is ready; return False if it doesn't work on this machine."""
        try:
            self.wait()
        except SandboxError:
            return False
        return True

    def connect(self) -> socket.socket:
        """Return a socket with which another process can make its own `SandboxClient`.

        Raises:
            OSError: the fork server is gone.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._send(Join(), theirs)
            except OSError:
                ours.close()
                raise
        return ours

    def close(self) -> None:
        """End the sandbox and everything in it."""
        super().close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()


class Worker:
    """A connection to one submission's process in the sandbox: a `WorkerConnection`."""

    def __init__(self, client: SandboxClient, number: int, connection: socket.socket) -> None:
        self._client, self._number, self._connection = client, number, connection
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
        ended = self._client.end(self._number)
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
    """Start a sandbox in the background; None if this machine can't have one, so that it isn't worth trying."""
    try:
        return None if _obstacle() else Sandbox(optimizers=optimizers)
    except OSError:
        return None


def start_sandbox(optimizers: bool = False) -> tuple[Sandbox | None, str]:
    """Start a sandbox and try it.

    Returns:
        The sandbox and an empty text; or, if none works on this machine, None and the reason.
    """
    problem = _obstacle()
    if problem:
        return None, problem
    # More than once, because a sandbox that was killed while it started may work the next time.
    for _ in range(TRIES):
        try:
            sandbox = Sandbox(optimizers=optimizers)
            sandbox.wait()
        except (SandboxError, OSError) as error:
            problem = str(error)
        else:
            return sandbox, ""
    return None, problem


def _obstacle() -> str:
    """Say why this machine can't have a sandbox; return an empty text if it is worth trying."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is missing (Debian, Ubuntu: apt install bubblewrap)"
    return "" if machine_is_known() else "the sandbox doesn't know the system calls of this processor"


def _readable() -> list[str]:
    """List the folders that Python and torch need, and no others."""
    wanted = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"]
    for prefix in (sys.prefix, sys.base_prefix):
        # In a system prefix, only the libraries; a prefix that only Python uses, completely.
        wanted += [f"{prefix}/lib", f"{prefix}/lib64"] if prefix in ("/usr", "/usr/local") else [prefix]
    wanted += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted += [*site.getsitepackages(), str(Path(sys.executable).resolve())]
    folders: list[str] = []
    for path in wanted:
        inside = any(path == other or path.startswith(other.rstrip("/") + "/") for other in folders)
        if os.path.exists(path) and not inside:
            folders.append(path)
    return folders


def _bubblewrap() -> list[str]:
    """Return the command that starts the outer sandbox."""
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-user",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
    ]
    command += ["--die-with-parent", "--new-session", "--clearenv", "--hostname", "worker"]
    environment = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    for name, value in (environment | switches.as_environment()).items():
        command += ["--setenv", name, value]
    # /tmp comes first, because Python itself may be installed in it.
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
