"""Measure the port: how long a submission waits for its first answer, and what a question costs.

    python benchmarks/port.py

Three ways of reaching the same learner's module in one run, and their ratios: in this process, in a process of its own
without walls, and in a cell of the sandbox. Medians over many runs; the machine's noise is in the spread.
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
    """Return the seconds from a submission being given to its first answer; the answer is a forward pass."""
    begin = time.perf_counter()
    transport = connect()
    try:
        port = Port(transport, "layer_norm")
        port.build("LayerNorm", emb_dim=4)(torch.ones(2, 4))
        return time.perf_counter() - begin
    finally:
        transport.close()


def question(connect: Callable[[], Transport]) -> float:
    """Return the seconds of one question: a forward pass of a module that is there already."""
    transport = connect()
    try:
        norm = Port(transport, "layer_norm").build("LayerNorm", emb_dim=4)
        x = torch.ones(2, 4)
        norm(x)
        taken = []
        for _ in range(QUESTIONS):
            begin = time.perf_counter()
            norm(x)
            taken.append(time.perf_counter() - begin)
        return statistics.median(taken)
    finally:
        transport.close()


def main() -> None:
    """Print the figures."""
    torch.set_num_threads(1)
    files = {"layer_norm": ROOT / "solutions" / "layer_norm.py"}
    sandbox = Sandbox()
    sandbox.wait()
    ways: dict[str, Callable[[], Transport]] = {
        "in this process": lambda: InProcess(Workspace(files)),
        "process without walls": lambda: OtherProcess(Workspace(files)),
        "cell of the sandbox": lambda: OtherProcess(Workspace(files), sandbox.open),
    }
    starts: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(STARTS):
        for name, connect in ways.items():
            starts[name].append(first_answer(connect))
    print(f"{'':24}{'first answer':>24}{'a question':>16}{'against in-process':>22}")
    questions = {name: question(connect) for name, connect in ways.items()}
    for name in ways:
        first = f"{1e3 * statistics.median(starts[name]):.1f} ms (min {1e3 * min(starts[name]):.1f})"
        ratio = questions[name] / questions["in this process"]
        print(f"{name:24}{first:>24}{1e3 * questions[name]:>13.3f} ms{ratio:>21.1f}x")
    sandbox.close()


if __name__ == "__main__":
    main()
