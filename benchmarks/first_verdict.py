"""How long it takes from the command to the first verdict, as a multiple of importing torch.

    python -m benchmarks.first_verdict [--runs 3] [--count 10] [--exercise layer_norm]

`grader grade` gets a small class, usual or hard as in `benchmarks.speed`, and the time ends when it prints the first
submission's points. Importing torch is timed before and after each run, because machines are rarely idle.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed import CORES, HARD, ROOT, USUAL, hard_texts, timed, usual_texts, write_class
from grader.course import load_course


def first_verdict(folder: Path, out: Path) -> float:
    """Grade a class; return the seconds until the first submission's points are printed."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--require-sandbox"]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as grading:
        assert grading.stdout is not None
        seconds = next((time.perf_counter() - start for line in grading.stdout if line.startswith("graded ")), None)
        for _ in grading.stdout:
            pass  # until it ends
    if grading.returncode or seconds is None:
        raise SystemExit(f"{' '.join(command)} failed. Run it to see why.")
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both classes in turn, and print seconds and their ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_verdict")
    parser.add_argument("--runs", type=int, default=3, help="how often each class is graded")
    parser.add_argument("--count", type=int, default=10, help="how many submissions a class has")
    parser.add_argument("--exercise", default="layer_norm")
    options = parser.parse_args(arguments)
    course = load_course(ROOT / "course.yaml")
    usual = itertools.islice(usual_texts(course, options.exercise), options.count)
    classes = {USUAL: list(usual), HARD: hard_texts(options.exercise)[: options.count]}
    waited: dict[str, list[float]] = {kind: [] for kind in classes}
    ratios: dict[str, list[float]] = {kind: [] for kind in classes}
    with tempfile.TemporaryDirectory() as name:
        for kind, texts in classes.items():
            write_class(texts, options.exercise, Path(name, kind))
        for run, kind in itertools.product(range(options.runs), classes):
            before = timed(sys.executable, "-c", "import torch")
            seconds = first_verdict(Path(name, kind), Path(name, f"out-{kind}-{run}"))
            importing = (before + timed(sys.executable, "-c", "import torch")) / 2
            waited[kind].append(seconds)
            ratios[kind].append(seconds / importing)
    print(f"From the command to the first of {options.count} verdicts, {options.exercise}, {CORES} cores, medians:")
    for kind in classes:
        print(
            f"  {kind} class: {statistics.median(waited[kind]):.1f} s,"
            f" {statistics.median(ratios[kind]):.1f} times importing torch"
            f" ({min(ratios[kind]):.1f} to {max(ratios[kind]):.1f} in {options.runs} runs)"
        )


if __name__ == "__main__":
    main()
