"""Running commands of the project, each in a process of its own, without paying for the import of torch each time.

A server process imports the packages that the grader uses, but not the grader, and forks for each command. So a command
starts as in a new Python, only sooner. Use `subprocess` if a test is about how Python itself starts.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("torch", "numpy", "msgspec", "rich.console", "typer", "yaml", "pytest")
"""What the server imports. Not Hypothesis: pytest warns if its plugin's package is imported before pytest starts."""
STREAMS = ("stdin", "stdout", "stderr")


def run_module(
    module: str, *arguments: str, cwd: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS` to its end.

    Args:
        module: the module.
        arguments: its arguments.
        cwd: the folder in which it runs.
        variables: environment variables besides those of this process.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        order = {
            "argv": [module, *arguments],
            "cwd": str(cwd),
            "environment": os.environ | {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"} | (variables or {}),
            "streams": [os.devnull, str(output), str(errors)],
        }
        status = _server().run(order)
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in (output, errors)]
    return subprocess.CompletedProcess(order["argv"], status, *texts)


class _Server:
    """The server process; it ends with this one."""

    def __init__(self) -> None:
        program = "from tests.kit.commands import serve; serve()"
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        atexit.register(self.close)

    def run(self, order: Mapping[str, Any]) -> int:
        """Run one command, and return its exit status, or the negative number of the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the server."""
        self._process.communicate()


@functools.cache
def _server() -> _Server:
    return _Server()


def serve() -> None:
    """Run a command in a fork for each order on the standard input, one after another."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in PACKAGES:
            importlib.import_module(package)
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _run(json.loads(line))
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run(order: dict[str, Any]) -> None:
    """Become the command, as if Python had been started for it."""
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.dont_write_bytecode = True
    for number, path in enumerate(order["streams"]):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(descriptor, number)
        os.close(descriptor)
        mode = "r" if number == 0 else "w"
        stream = open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, STREAMS[number], stream)
        setattr(sys, f"__{STREAMS[number]}__", stream)
    module, *_ = sys.argv = order["argv"]
    sys.path[:] = [order["cwd"], *(path for path in sys.path[1:] if Path(path) != ROOT)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
