"""Where a grader process begins, so that the pool imports nothing that only a grader process needs."""

from __future__ import annotations

import socket
from multiprocessing.connection import Connection
from pathlib import Path

from grader.grading.messages import GradingOptions


def serve(
    connection: Connection,
    course_file: Path,
    options: GradingOptions,
    sandbox_socket: socket.socket | None,
    shared: bool,
) -> None:
    """Be a grader process: see `grader.grading.grader_process.serve`."""
    from grader.grading import grader_process

    grader_process.serve(connection, course_file, options, sandbox_socket, shared)
