"""The zygote: a process inside the outer walls that has imported torch once, and forks a cell per submission.

It holds no check, no reference and no result. It reads orders from sockets: to start a cell, whose own socket comes
with the order, to end one, and, on the first socket, to listen to another one too. When that one closes, all ends.
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
from grader.sandbox import worker
from grader.sandbox.commands import End, Ended, Join, Start
from grader.sandbox.large_pages import collapse
from grader.wire.frames import HEADER, Frames

MAX_ORDER = 2**20
MANY = 8
"""Cells from which on it pays to import what some of them use, and to make their forks cheaper."""


def main() -> None:
    """Take orders until the other side closes the connection."""
    control = socket.socket(fileno=int(sys.argv[1]))
    torch.set_num_threads(1)
    # Parts of torch are imported when they are first used; each cell would pay for that again.
    torch.nn.Linear(1, 1)(torch.zeros(1, 1))
    import_all(sys.argv[2:])
    _keep_garbage_collector_out()
    baseline = _address_space()
    control.sendall(b"ready")
    # By socket: the cells that were started over it, by number.
    workers: dict[socket.socket, dict[int, tuple[int, int]]] = {control: {}}
    started = 0
    while True:
        ready, _, _ = select.select(list(workers), [], [])
        for one in ready:
            try:
                received, descriptors, _, _ = socket.recv_fds(one, HEADER.size, 1)
                order = _read_order(one, received)
            except OSError:
                order = None
            if order is None and one is control:
                os._exit(0)
            elif order is None:
                for number, cell_process in workers.pop(one).items():
                    _end(number, *cell_process)
                one.close()
            elif isinstance(order, Join):
                workers[socket.socket(fileno=descriptors[0])] = {}
            else:
                started += isinstance(order, Start)
                if started == MANY and isinstance(order, Start):
                    # Not for optimizers alone: `torch.utils.checkpoint` needs it, too, and small pages made it dear.
                    import_all(FOR_OPTIMIZERS)
                    _keep_garbage_collector_out()
                    collapse()
                    baseline = _address_space()
                _obey(order, one, workers[one], descriptors, baseline)


def _obey(
    order: Start | End,
    control: socket.socket,
    workers: dict[int, tuple[int, int]],
    descriptors: Sequence[int],
    baseline: int,
) -> None:
    match order:
        case Start(number):
            workers[number] = _start(order, descriptors[0], baseline)
            os.close(descriptors[0])
        case End(number):
            ended = msgspec.msgpack.encode(_end(number, *workers.pop(number)))
            # Who asked may be gone by now.
            with contextlib.suppress(OSError):
                control.sendall(HEADER.pack(len(ended)) + ended)


def _start(order: Start, connection: int, baseline: int) -> tuple[int, int]:
    """Fork the keeper of a cell; return its process id and the pipe on which it tells what became of the cell."""
    told, tell = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        try:
            os.close(told)
            _keep(order, connection, tell, baseline)
        finally:
            os._exit(1)
    os.close(tell)
    return keeper, told


def _keep(order: Start, connection: int, tell: int, baseline: int) -> NoReturn:
    """Stay outside the cell's pid namespace, wait for its first process, and end it when told to."""
    try:
        os.setsid()
        _close_all_but(connection, tell)
        worker.enter_namespaces()
        first = os.fork()
        if first == 0:
            try:
                os.close(tell)
                _live(order, connection, baseline)
            finally:
                os._exit(70)

        def end(*_: object) -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)

        signal.signal(signal.SIGTERM, end)
        os.close(connection)
        _, status = os.waitpid(first, 0)
        os.write(tell, f"{status} ".encode())
    except OSError as error:
        os.write(tell, f"-1 {error}".encode())
    os._exit(0)


def _live(order: Start, connection: int, baseline: int) -> NoReturn:
    """Be the first process of the cell: read the modules, put up the inner walls, then answer questions."""
    # A signal to its own process group would otherwise reach the keeper, although that is outside its pid namespace.
    os.setsid()
    questions = Frames(functools.partial(os.read, connection))
    sources = msgspec.msgpack.decode(questions.next(), type=dict[str, bytes])
    worker.build_root(sources, order.readable, order.limits.disk + sum(map(len, sources.values())))
    silence()
    os.chdir(worker.SUBMISSION_FOLDER)
    os.umask(0o077)
    worker.limit_resources(order.limits, baseline)
    worker.drop_privileges()
    files = {name: f"{worker.SUBMISSION_FOLDER}/{name}.py" for name in sources}
    serve(questions, os.fdopen(connection, "wb"), files)
    os._exit(0)


def _end(number: int, keeper: int, told: int) -> Ended:
    """End a cell; nothing of it is left when this returns."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(keeper, signal.SIGTERM)
    os.waitpid(keeper, 0)
    text = os.read(told, 500).decode(errors="replace")
    os.close(told)
    status, _, problem = text.partition(" ")
    return Ended(number, int(status or -1), problem)


def _close_all_but(*kept: int) -> None:
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 4096)


def _read_order(control: socket.socket, header: bytes) -> Start | End | Join | None:
    """Read the order that a header announces; None where the other side is gone."""
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    data = bytearray()
    while len(data) < length <= MAX_ORDER:
        part = control.recv(length - len(data))
        if not part:
            return None
        data += part
    return None if length > MAX_ORDER else msgspec.msgpack.decode(data, type=Start | End | Join)


def _keep_garbage_collector_out() -> None:
    """Have what is here stay: a collection in a cell would otherwise touch, and so copy, every page of it."""
    gc.collect()
    gc.freeze()


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
