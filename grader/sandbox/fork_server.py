"""The fork server: a process inside the outer sandbox that has imported torch once, and forks a worker per submission.

It knows no check, no reference and no result. It reads commands from sockets: to start a worker, whose own socket comes
with the command; to end one; and to take commands from another socket, too. When a socket closes, the workers that were
started over it end. When the first socket closes, everything ends.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import NoReturn

import msgspec
import torch

from grader.learner.child import serve, silence
from grader.learner.late_imports import FOR_OPTIMIZERS, import_all
from grader.learner.processor import CLOCK
from grader.sandbox import worker
from grader.sandbox.commands import End, Ended, Join, Start
from grader.sandbox.large_pages import collapse
from grader.wire.frames import HEADER, Frames

MAX_COMMAND = 2**20
MANY = 8
"""From this number of workers on, it pays to import what only some of them use, and to make forks cheaper."""


def main() -> None:
    """Take commands until the other side closes the connection."""
    control = socket.socket(fileno=int(sys.argv[1]))
    torch.set_num_threads(1)
    # Torch imports some of its parts at first use; otherwise, each worker would have to do that again.
    torch.nn.Linear(1, 1)(torch.zeros(1, 1))
    import_all(sys.argv[2:])
    _freeze_garbage_collector()
    baseline = _address_space()
    control.sendall(b"ready")
    # For each socket, the workers that were started over it, by number: process id of the keeper, and its pipe.
    workers: dict[socket.socket, dict[int, tuple[int, int]]] = {control: {}}
    started = 0
    while True:
        ready, _, _ = select.select(list(workers), [], [])
        for client in ready:
            try:
                received, descriptors, _, _ = socket.recv_fds(client, HEADER.size, 1)
                command = _read_command(client, received)
            except OSError:
                command = None
            if command is None and client is control:
                os._exit(0)
            elif command is None:
                for number, worker_process in workers.pop(client).items():
                    _end(number, *worker_process)
                client.close()
            elif isinstance(command, Join):
                workers[socket.socket(fileno=descriptors[0])] = {}
            else:
                started += isinstance(command, Start)
                if started == MANY and isinstance(command, Start):
                    # `torch.utils.checkpoint` needs this, too, and small pages made it expensive.
                    import_all(FOR_OPTIMIZERS)
                    _freeze_garbage_collector()
                    collapse()
                    baseline = _address_space()
                _execute(command, client, workers[client], descriptors, baseline)


def _execute(
    command: Start | End,
    control: socket.socket,
    workers: dict[int, tuple[int, int]],
    descriptors: Sequence[int],
    baseline: int,
) -> None:
    match command:
        case Start(number):
            workers[number] = _start(command, descriptors[0], baseline)
            os.close(descriptors[0])
        case End(number):
            ended = msgspec.msgpack.encode(_end(number, *workers.pop(number)))
            # The client may be gone by now.
            with contextlib.suppress(OSError):
                control.sendall(HEADER.pack(len(ended)) + ended)


def _start(command: Start, connection: int, baseline: int) -> tuple[int, int]:
    """Fork the keeper of a worker; return its process id and the pipe on which it reports how the worker ended."""
    read_end, write_end = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        try:
            os.close(read_end)
            _keep(command, connection, write_end, baseline)
        finally:
            os._exit(1)
    os.close(write_end)
    return keeper, read_end


def _keep(command: Start, connection: int, report: int, baseline: int) -> NoReturn:
    """Stay outside the worker's pid namespace, wait for its first process, and end it on SIGTERM."""
    try:
        os.setsid()
        _close_all_but(connection, report)
        worker.enter_namespaces()
        first = os.fork()
        if first == 0:
            try:
                os.close(report)
                _run_worker(command, connection, baseline)
            finally:
                os._exit(70)

        def end(*_: object) -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)

        signal.signal(signal.SIGTERM, end)
        os.close(connection)
        _, status = os.waitpid(first, 0)
        os.write(report, f"{status} ".encode())
    except OSError as error:
        os.write(report, f"-1 {error}".encode())
    os._exit(0)


def _run_worker(command: Start, connection: int, baseline: int) -> NoReturn:
    """Run the worker's first process: read the modules, set up the inner sandbox, then answer questions."""
    # Otherwise, a signal to the worker's process group would reach the keeper, too, outside the pid namespace.
    os.setsid()
    # The inner sandbox has no `/proc`.
    CLOCK.start()
    questions = Frames(functools.partial(os.read, connection))
    sources = msgspec.msgpack.decode(questions.next(), type=dict[str, bytes])
    worker.build_root(sources, command.readable, command.limits.disk + sum(map(len, sources.values())))
    silence()
    os.chdir(worker.WORKING_FOLDER)
    os.environ["HOME"] = worker.WORKING_FOLDER
    os.umask(0o077)
    worker.limit_resources(command.limits, baseline)
    worker.drop_privileges()
    files = {name: f"{worker.SUBMISSION_FOLDER}/{name}.py" for name in sources}
    serve(questions, os.fdopen(connection, "wb"), files, command.free)
    os._exit(0)


def _end(number: int, keeper: int, report: int) -> Ended:
    """End a worker; when this returns, all of its processes are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(keeper, signal.SIGTERM)
    os.waitpid(keeper, 0)
    text = os.read(report, 500).decode(errors="replace")
    os.close(report)
    status, _, problem = text.partition(" ")
    return Ended(number, int(status or -1), problem)


def _close_all_but(*kept: int) -> None:
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 4096)


def _read_command(control: socket.socket, header: bytes) -> Start | End | Join | None:
    """Read the command after a header; None if the other side is gone, or the command is too long."""
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    data = bytearray()
    while len(data) < length <= MAX_COMMAND:
        part = control.recv(length - len(data))
        if not part:
            return None
        data += part
    return None if length > MAX_COMMAND else msgspec.msgpack.decode(data, type=Start | End | Join)


def _freeze_garbage_collector() -> None:
    """Exclude all present objects from garbage collection, which would touch, and so copy, every page in a worker."""
    gc.collect()
    gc.freeze()


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
