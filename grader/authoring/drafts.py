"""List what is missing from an exercise, in the order to write it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.generate import build
from grader.authoring.matrix import compute
from grader.authoring.new import new_exercise
from grader.course import COURSE_FILE, Course, load_course
from grader.course.stub import make_stub
from grader.errors import CourseError

TODO = re.compile(r"TODO(?::\s*(?P<what>.*?))?[\"'\s,)]*$")
"""A TODO from a template, up to the end of its line."""


@dataclass(frozen=True)
class Progress:
    """How far an exercise is.

    Attributes:
        written: the files that were just created, relative to the course.
        missing: a sentence for each thing that is missing.
        is_draft: whether `course.yaml` marks it as a draft.
    """

    written: tuple[Path, ...]
    missing: tuple[str, ...]
    is_draft: bool


def begin_or_examine(course_file: Path, exercise: str) -> Progress:
    """Create an exercise if the course doesn't have it, and list what is missing from it.

    Raises:
        CourseError: the id can't be the name of a module, or something else in the course is wrong.
    """
    course = load_course(course_file)
    known = exercise in course.by_id or exercise in course.drafts
    written = [] if known else new_exercise(course_file, exercise)
    return Progress(tuple(written), tuple(missing(course_file, exercise)), exercise not in course.by_id)


def missing(course_file: Path, exercise: str) -> list[str]:
    """List what is missing from an exercise, in a sentence each.

    First come files that are not written yet. When all are, this makes the stub, golden records and cases, and runs the
    checks on the solution, on the mistakes and on the styles.

    Args:
        course_file: the file `course.yaml`.
        exercise: the exercise's id; `course.yaml` has a block for it.

    Raises:
        CourseError: something else in the course is wrong.
    """
    load_course(course_file)
    root = course_file.resolve().parent
    sentences = list(unwritten(root, exercise, course_file.name))
    if sentences:
        return sentences
    try:
        course = load_course(course_file, [exercise])
        make_stub((course.solutions / f"{exercise}.py").read_text(encoding="utf-8"), f"solutions/{exercise}.py")
    except CourseError as error:
        return [str(error)]
    return list(_without_checks(course, exercise)) or list(_unproven(course, exercise))


def unwritten(root: Path, exercise: str, course_file: str = COURSE_FILE) -> Iterator[str]:
    """List the files that don't exist, and the TODO lines from templates."""
    for path in [
        f"solutions/{exercise}.py",
        f"exercises/{exercise}.md",
        f"tests/visible/test_{exercise}.py",
        f"tests/hidden/test_{exercise}.py",
    ]:
        if not (root / path).is_file():
            yield f"{path}: write it."
            continue
        yield from _left(root, path)
    catalog = sorted((root / "solutions" / "misconceptions").glob(f"{exercise}.*"))
    for file in [*catalog, root / "solutions" / "approaches" / f"{exercise}.md"]:
        if file.is_file():
            yield from _left(root, file.relative_to(root).as_posix())
    yield from _left(root, course_file)


def _left(root: Path, path: str) -> Iterator[str]:
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        todo = list(TODO.finditer(line))
        if todo:
            what = todo[-1]["what"] or "write what is TODO"
            yield f"{path}, line {number}: {what.rstrip('.')}."


def _without_checks(course: Course, exercise: str) -> Iterator[str]:
    kinds = {check.visibility for check in course.by_id[exercise].checks}
    for visibility in ("visible", "hidden"):
        path = f"tests/{visibility}/test_{exercise}.py"
        if visibility not in kinds:
            yield f"{path}: write at least one check, a function whose name begins with test_."
    visible = course.check_folder("visible") / f"test_{exercise}.py"
    for node in ast.walk(ast.parse(visible.read_text(encoding="utf-8"))):
        if isinstance(node, ast.arg) and node.arg == "reference":
            where = f"tests/visible/test_{exercise}.py, line {node.lineno}"
            yield f"{where}: students don't have the reference. Compare with values that you worked out."


def _unproven(course: Course, exercise: str) -> Iterator[str]:
    """Run the checks on the solution, on each mistake and on each right answer."""
    try:
        build(course, course.by_id[exercise])
    except CourseError as error:
        yield str(error)
        return
    for matrix in compute(course, [exercise]):
        yield from matrix.broken()
