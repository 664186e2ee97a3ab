"""Measure the port: how long a submission takes to give its first answer, and how long each question takes.

    python benchmarks/port.py

Reaches the same learner's module in three ways in one run, and prints their ratios: in this process, in a separate
process without a sandbox, and in a worker of the sandbox. Times are medians over many runs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from grader.port import InProcess, OtherProcess, Port, Transport, Workspace
from grader.sandbox.launch import Sandbox

ROOT = Path(__file__).resolve().parents[1]
STARTS = 15
QUESTIONS = 400


def first_answer(connect: Callable[[], Transport]) -> float:
    """Return the seconds from connecting a submission to its first answer, a forward pass."""
    begin = time.perf_counter()
    transport = connect()
    try:
        port = Port(transport, "layer_norm")
        port.build("LayerNorm", emb_dim=4)(torch.ones(2, 4))
        return time.perf_counter() - begin
    finally:
        transport.close()


def question(connect: Callable[[], Transport]) -> float:
    """Return the seconds that one question takes: a forward pass of a module that is already built."""
    transport = connect()
    try:
        norm = Port(transport, "layer_norm").build("LayerNorm", emb_dim=4)
        x = torch.ones(2, 4)
        norm(x)
        times = []
        for _ in range(QUESTIONS):
            begin = time.perf_counter()
            norm(x)
            times.append(time.perf_counter() - begin)
        return statistics.median(times)
    finally:
        transport.close()


def main() -> None:
    """Measure, and print a table."""
    torch.set_num_threads(1)
    files = {"layer_norm": ROOT / "solutions" / "layer_norm.py"}
    sandbox = Sandbox()
    sandbox.wait()
    ways: dict[str, Callable[[], Transport]] = {
        "in this process": lambda: InProcess(Workspace(files)),
        "process, no sandbox": lambda: OtherProcess(Workspace(files)),
        "sandboxed worker": lambda: OtherProcess(Workspace(files), sandbox.open),
    }
    starts: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(STARTS):
        for name, connect in ways.items():
            starts[name].append(first_answer(connect))
    print(f"{'':24}{'first answer':>24}{'per question':>16}{'vs. in-process':>22}")
    questions = {name: question(connect) for name, connect in ways.items()}
    for name in ways:
        first = f"{1e3 * statistics.median(starts[name]):.1f} ms (min {1e3 * min(starts[name]):.1f})"
        ratio = questions[name] / questions["in this process"]
        print(f"{name:24}{first:>24}{1e3 * questions[name]:>13.3f} ms{ratio:>21.1f}x")
    sandbox.close()


if __name__ == "__main__":
    main()
