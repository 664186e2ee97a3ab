"""How long a class that hands in at once waits for `grader serve`, next to `grader grade` on all of it.

    python -m benchmarks.arrivals [--count 200] [--exercise layer_norm]

A first submission is graded, so that everything has been imported. Then the others arrive together: the usual class of
`benchmarks.speed`, in which three quarters are right. A submission's wait ends when the reports with its result have
been written. Then `grader grade` grades the same folder from the beginning, in the same run.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed import CORES, ROOT, by_us, usual_texts, write_class
from grader.course import load_course

LOOK = 0.1
"""How often the results are looked at, in seconds."""


def waits(folder: Path, arriving: Path, out: Path, count: int) -> list[float]:
    """Move all but the first submission to where they are graded, and return how long each waits, in seconds."""
    command = [
        sys.executable,
        "-m",
        "grader",
        "serve",
        str(arriving),
        "--out",
        str(out),
        "--quiet",
        "--require-sandbox",
    ]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        first, *others = sorted(folder.iterdir())
        first.rename(arriving / first.name)
        while not _reported(out):
            _look_again(server)
        start = time.monotonic()
        for submission in others:
            submission.rename(arriving / submission.name)
        ended: list[float] = []
        while len(ended) < count - 1:
            _look_again(server)
            ended += [time.monotonic() - start] * (_reported(out) - 1 - len(ended))
        return ended
    finally:
        # In the background of a script, interrupts are ignored.
        server.terminate()
        server.wait()


def _look_again(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        raise SystemExit("grader serve has ended")
    time.sleep(LOOK)


def _reported(out: Path) -> int:
    """Return how many submissions are in the results."""
    try:
        return len(json.loads((out / "results.json").read_bytes())["submissions"])
    except OSError:
        return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print seconds and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arrivals")
    parser.add_argument("--count", type=int, default=200, help="how many submissions arrive")
    parser.add_argument("--exercise", default="layer_norm")
    options = parser.parse_args(arguments)
    course = load_course(ROOT / "course.yaml")
    with tempfile.TemporaryDirectory() as name:
        folder, arriving = Path(name, "class"), Path(name, "arriving")
        arriving.mkdir()
        texts = list(itertools.islice(usual_texts(course, options.exercise), options.count + 1))
        write_class(texts, options.exercise, folder)
        ended = waits(folder, arriving, Path(name, "served"), options.count + 1)
        afterwards = by_us(arriving, Path(name, "graded"))
    print(f"{options.count} submissions of {options.exercise} at once, {CORES} cores, usual class, seconds:")
    print(f"  first {ended[0]:.1f}, median {statistics.median(ended):.1f}, last {ended[-1]:.1f}")
    print(
        f"  grader grade of all of them: {afterwards:.1f}; the last one waits {ended[-1] / afterwards:.2f} times that"
    )


if __name__ == "__main__":
    main()
