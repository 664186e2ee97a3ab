"""The same class through nbgrader's own Execute and through ours, one after the other, as a ratio per submission.

    python -m benchmarks.nbgrader [--students 60] [--assignment layer_norm]

Stock nbgrader starts a kernel for each notebook and runs its cells there. It runs the visible checks alone, since the
hidden ones are not in what students get: it has less to do than ours, which runs both.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.demo_class import make_class
from benchmarks.notebook_class import hand_in
from grader.course import Course, load_course
from grader.notebooks.settings import CONFIG

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("perfect", "eps-outside-the-root", "another-style", "untouched")
STOCK = "\n# As if this course's settings had not been made.\ndel c['Autograde']\n"


def run(folder: Path, *command: str) -> float:
    """Run a command in a folder, and return its wall time in seconds."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def stock_and_ours(course: Course, assignment: str, students: int, folder: Path) -> tuple[float, float]:
    """Grade the same class by stock Execute and by ours; return the seconds of wall time for each submission."""
    ours, stock = folder / "ours", folder / "stock"
    make_class(course, folder / "class")
    ours.mkdir()
    run(ours, "grader", "nbgrader", "init", ".", "--course", str(ROOT / "course.yaml"))
    run(ours, "nbgrader", "generate_assignment", assignment)
    for number, kind in zip(range(students), itertools.cycle(KINDS), strict=False):
        hand_in(course, folder / "class" / kind, ours, f"{kind}-{number:03}", [assignment])
    shutil.copytree(ours, stock)
    with (stock / CONFIG).open("a", encoding="utf-8") as file:
        file.write(STOCK)
    by_ours = run(ours, "grader", "nbgrader", "autograde", assignment) / students
    return run(stock, "nbgrader", "autograde", assignment) / students, by_ours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--assignment", default="layer_norm")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        by_stock, by_ours = stock_and_ours(
            load_course(ROOT / "course.yaml"), options.assignment, options.students, Path(folder)
        )
    print(f"{options.students} submissions of {options.assignment}, seconds of wall time for each:")
    print(f"  nbgrader's Execute, visible checks alone  {by_stock:6.2f}")
    print(f"  ours, visible and hidden checks           {by_ours:6.2f}")
    print(f"  ratio                                     {by_stock / by_ours:6.1f}")


if __name__ == "__main__":
    main()
