"""`grader notebooks`: an exercise as a notebook for somebody who learns alone, with lesson, stub and visible checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.course import Course
from grader.errors import UsageError
from grader.grading import BUNDLE
from grader.notebooks.bundle import write_bundle
from grader.notebooks.make import make_learners_notebook, write_notebook
from grader.study.stubs import stub_of

NEXT = "Next: open one of them in Jupyter, VS Code or Colab, and run its first cell. {bundle} has to be next to it."


def write_notebooks(course: Course, folder: Path) -> Iterator[str]:
    """Write a notebook for each exercise, and the file that they all need; yield a sentence for each.

    Notebooks that are there already are kept: they may have somebody's work in them.

    Raises:
        UsageError: the stub of an exercise isn't known.
    """
    write_bundle(course.whole, folder / BUNDLE)
    yield f"written  {folder / BUNDLE}"
    for exercise in course.exercises:
        path = folder / f"{exercise.id}.ipynb"
        if path.exists():
            yield f"kept     {path}, because it may have your work in it; to get a new one, rename or delete it"
            continue
        stub = stub_of(course, exercise.id)
        if stub is None:
            raise UsageError(
                f"The stub of {exercise.id} isn't known: this copy has no solutions, and exercises/{exercise.id}.py "
                "is changed or gone. Fetch that file again from where you got this copy."
            )
        write_notebook(make_learners_notebook(course, exercise, BUNDLE, stub.decode()), path)
        yield f"written  {path}"
    yield NEXT.format(bundle=BUNDLE)
