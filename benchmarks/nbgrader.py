"""Grade the same class with nbgrader's own Execute and with ours, and compare the time per submission.

    python -m benchmarks.nbgrader [--students 240] [--stock 24] [--assignment layer_norm]

Stock nbgrader starts a kernel for each notebook and runs its cells there, one after another. It takes the same time for
every notebook, so it grades only the first few of the class. It runs only the visible checks, because the hidden ones
aren't in what students get, so it has less to do than ours, which runs both. Both times include starting up.
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
from grader.notebooks.service import SUBMITTED
from grader.notebooks.settings import CONFIG

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("perfect", "eps-outside-the-root", "another-style", "untouched")
STOCK = "\n# As if this course had no settings of ours.\ndel c['Autograde']\n"


def run(folder: Path, *command: str) -> float:
    """Run a command in a folder and return its wall time in seconds."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    start = time.perf_counter()
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return time.perf_counter() - start


def stock_and_ours(
    course: Course, assignment: str, students: int, folder: Path, by_stock: int | None = None
) -> tuple[float, float]:
    """Grade a class with ours, and its first `by_stock` students with stock Execute; return seconds per submission."""
    ours, stock = folder / "ours", folder / "stock"
    make_class(course, folder / "class")
    ours.mkdir()
    run(ours, "grader", "nbgrader", "init", ".", "--course", str(ROOT / "course.yaml"))
    run(ours, "nbgrader", "generate_assignment", assignment)
    for number, kind in zip(range(students), itertools.cycle(KINDS), strict=False):
        hand_in(course, folder / "class" / kind, ours, f"{kind}-{number:03}", [assignment])
    shutil.copytree(ours, stock)
    few = by_stock or students
    for student in (stock / SUBMITTED).iterdir():
        if int(student.name.rpartition("-")[2]) >= few:
            shutil.rmtree(student)
    with (stock / CONFIG).open("a", encoding="utf-8") as file:
        file.write(STOCK)
    by_ours = run(ours, "grader", "nbgrader", "autograde", assignment) / students
    return run(stock, "nbgrader", "autograde", assignment) / few, by_ours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=240)
    parser.add_argument("--stock", type=int, default=24, help="how many of them stock nbgrader grades")
    parser.add_argument("--assignment", default="layer_norm")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        by_stock, by_ours = stock_and_ours(
            load_course(ROOT / "course.yaml"),
            options.assignment,
            options.students,
            Path(folder),
            min(options.stock, options.students),
        )
    print(f"seconds of wall time per submission of {options.assignment}:")
    print(f"  nbgrader's Execute, only visible checks,  {options.stock:4} students  {by_stock:6.2f}")
    print(f"  ours, visible and hidden checks,          {options.students:4} students  {by_ours:6.2f}")
    print(f"  ratio                                                    {by_stock / by_ours:6.1f}")


if __name__ == "__main__":
    main()
