"""How long a learner waits: for the verdict after a save under `grader watch`, and for `pytest` from a cold start.

    python -m benchmarks.waiting

Everything is measured in a copy of the course. The yardstick is how long `python -c "import torch"` takes in the same
minute, because machines differ and are rarely idle.
"""

from __future__ import annotations

import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.course import Course, find_course, load_course
from grader.course.mistakes import misconceptions

EXERCISE = "layer_norm"
SAVES, STARTS = 8, 5
PATIENCE = 120.0
COPIED = (
    "course.yaml",
    "pyproject.toml",
    "exercises",
    "solutions",
    "tests/visible",
    "solutions/standins",
    "tests/hidden",
)


def main() -> None:
    """Measure, and print a table."""
    course = load_course(find_course(Path.cwd()))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in COPIED:
            source, target = course.root / name, root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
        right = (course.solutions / f"{EXERCISE}.py").read_text(encoding="utf-8")
        wrong = wrong_answer(course, right)
        import_torch, cold = [], []
        command = [sys.executable, "-m", "pytest", "-q", "-k", EXERCISE]
        (root / "exercises" / f"{EXERCISE}.py").write_text(right, encoding="utf-8")
        # The first run of each command fills the caches and doesn't count.
        for number in range(STARTS + 1):
            times = seconds(root, [sys.executable, "-c", "import torch"]), seconds(root, command)
            if number:
                import_torch.append(times[0])
                cold.append(times[1])
        saves = watch(root, right, wrong)
    yardstick = statistics.median(import_torch)
    table = Table(box=None, pad_edge=False)
    for heading in ("", "median s", "of import torch"):
        table.add_column(heading, justify="left" if not heading else "right")
    rows = [("python -c 'import torch'", import_torch), (f"pytest -k {EXERCISE}, right code", cold)]
    rows += [(f"watch: save to verdict, {name} code", times) for name, times in saves.items()]
    for name, times in rows:
        median = statistics.median(times)
        table.add_row(name, f"{median:.2f}", f"{median / yardstick:.2f}")
    console = Console(highlight=False)
    console.print(table)
    if hasattr(os, "getloadavg"):
        console.print(f"{os.cpu_count()} cores; load at the end {os.getloadavg()[0]:.1f}")


def wrong_answer(course: Course, right: str) -> str:
    """Return an answer with a mistake that the grader can name: the first in the catalog."""
    return misconceptions(course, EXERCISE)[0].apply(right)


def seconds(root: Path, command: list[str]) -> float:
    """Run a command and return how many seconds it takes."""
    start = time.perf_counter()
    subprocess.run(command, cwd=root, env=environment(), capture_output=True, check=True)
    return time.perf_counter() - start


def watch(root: Path, right: str, wrong: str) -> dict[str, list[float]]:
    """Save right and wrong code in turn while `grader watch` runs, and wait for each verdict."""
    path = root / "exercises" / f"{EXERCISE}.py"
    watching = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", EXERCISE],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    assert watching.stdout is not None
    threading.Thread(target=lambda out: [lines.put(line) for line in out], args=(watching.stdout,), daemon=True).start()
    times: dict[str, list[float]] = {"right": [], "wrong": []}
    try:
        wait_for(lines, lambda line: "PASSED" in line)
        for number in range(2 * (SAVES + 1)):
            name = "right" if number % 2 else "wrong"
            # `grader watch` skips a text that it has just seen, so each save writes a different one.
            text = f"{right if name == 'right' else wrong}\n# {number}\n"
            start = time.perf_counter()
            path.write_text(text, encoding="utf-8")
            wait_for(
                lines, lambda line, name=name: line.startswith(EXERCISE) and ("PASSED" in line) == (name == "right")
            )
            if number > 1:
                times[name].append(time.perf_counter() - start)
            time.sleep(0.5)
    finally:
        watching.kill()
        watching.wait()
    return times


def wait_for(lines: queue.SimpleQueue[str], wanted: Callable[[str], bool]) -> None:
    """Wait for a line that `wanted` accepts."""
    while not wanted(lines.get(timeout=PATIENCE)):
        pass


def environment() -> dict[str, str]:
    """Return a learner's environment, in which Python keeps its compiled files."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


if __name__ == "__main__":
    main()
