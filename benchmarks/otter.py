"""Grade a class with otter-grader, using our visible checks as its tests: what another grader of notebooks costs.

`otter run` grades one notebook without a container, just as it does inside one; one runs per core at a time.
Otter grades a class in containers, and starting those would come on top.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.course import Course

CORES = os.cpu_count() or 1
TEST = """\
OK_FORMAT = True
test = {{
    "name": {name!r},
    "points": 1,
    "suites": [{{"type": "doctest", "scored": True, "setup": "", "teardown": "", "cases": [{{"code": {code!r}}}]}}],
}}
"""


def otter() -> Path | None:
    """Return the path of the command, if it is installed with this Python."""
    command = Path(sys.executable).parent / "otter"
    return command if command.is_file() else None


def by_otter(course: Course, exercise: str, root: Path, folder: Path) -> float:
    """Grade the submissions of an nbgrader course; return the seconds of wall time per submission.

    Args:
        course: the course.
        exercise: the exercise, which is also an assignment.
        root: the nbgrader course, with releases and submissions.
        folder: a folder to work in.

    Raises:
        SystemExit: otter fails, or takes points off a correct answer.
    """
    tests = folder / "tests"
    tests.mkdir(parents=True)
    names = [check.id for check in course.by_id[exercise].checks if check.visibility == "visible"]
    for name in names:
        code = f'>>> workbook.check("{name}")\nPASSED\n'
        (tests / f"{name}.py").write_text(TEST.format(name=name, code=code), encoding="utf-8")
    support = [path for path in (root / "release" / exercise).iterdir() if path.suffix != ".ipynb"]
    for path in support:
        shutil.copy(path, folder)
    _run(folder, "generate", "-t", "tests", "-o", "autograder.zip", *(path.name for path in support))
    notebooks = sorted((root / "submitted").glob(f"*/{exercise}/{exercise}.ipynb"))

    def grade(notebook: Path) -> None:
        student = folder / notebook.parts[-3]
        student.mkdir()
        _run(folder, "run", "--no-logo", "-a", "autograder.zip", "-o", str(student), str(notebook))
        tests = json.loads((student / "results.json").read_text(encoding="utf-8"))["tests"]
        passed = sum(test.get("score") or 0 for test in tests)
        if student.name.startswith("perfect") and passed != len(names):
            raise SystemExit(f"otter gave a correct answer {passed} of {len(names)} points")

    start = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(grade, notebooks))
    return (time.perf_counter() - start) / len(notebooks)


def _run(folder: Path, *arguments: str) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(
        [str(otter()), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise SystemExit(f"otter {' '.join(arguments)} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
