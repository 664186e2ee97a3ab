"""The same class through nbgrader's own Execute and through ours, one after the other, as a ratio per submission.

    python -m benchmarks.nbgrader [--students 240] [--stock 24] [--assignment layer_norm]

Stock nbgrader starts a kernel for each notebook and runs its cells there, one after another: it takes the same time for
each, and gets only the first of the class. It runs the visible checks alone, since the hidden ones are not in what
students get: it has less to do than ours, which runs both. Starting up is in both.
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
STOCK = "\n# As if this course's settings had not been made.\ndel c['Autograde']\n"


def run(folder: Path, *command: str) -> float:
    """Run a command in a folder, and return its wall time in seconds."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def stock_and_ours(
    course: Course, assignment: str, students: int, folder: Path, by_stock: int | None = None
) -> tuple[float, float]:
    """Grade a class by stock Execute, or the first `by_stock` of it, and by ours; return seconds for a submission."""
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
    parser.add_argument("--stock", type=int, default=24, help="how many of them stock nbgrader gets")
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
    print(f"seconds of wall time for a submission of {options.assignment}:")
    print(f"  nbgrader's Execute, visible checks alone, {options.stock:4} students  {by_stock:6.2f}")
    print(f"  ours, visible and hidden checks,          {options.students:4} students  {by_ours:6.2f}")
    print(f"  ratio                                                    {by_stock / by_ours:6.1f}")


if __name__ == "__main__":
    main()
