"""The code that bugs are planted in: a learner's own that passed, and the checks to try it with."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.course import Course
from grader.errors import NoCheckpoint, UsageError
from grader.learner.workspace import helpers_in
from grader.practice.bugs import decoded
from grader.practice.trials import Trials
from grader.study.state import State
from grader.study.work import checkpoint

NOT_PASSED = "Bugs are planted in code of yours that has passed"


def passed_exercises(course: Course, state: State) -> list[str]:
    """List the exercises of which there is code that passed.

    Raises:
        UsageError: there are none.
    """
    names = []
    for each in course.exercises:
        with contextlib.suppress(NoCheckpoint):
            checkpoint(course, state, each.id)
            names.append(each.id)
    if not names:
        raise UsageError(f"{NOT_PASSED}, and none has yet. What is next: grader progress")
    return names


def code_of(course: Course, state: State, exercise: str) -> dict[str, str]:
    """Return the code of an exercise that passed, and of those that it builds on, as far as they have.

    Raises:
        UsageError: the exercise hasn't passed, or its code can't be read.
    """
    texts = passed_code(course, state, (exercise, *course.all_needs(exercise)))
    if exercise not in texts:
        raise UsageError(f"{NOT_PASSED}; {exercise} hasn't. Run: grader check {exercise}")
    return texts


def passed_code(course: Course, state: State, names: Sequence[str]) -> dict[str, str]:
    """Return the code of exercises that passed, as far as they have.

    Raises:
        UsageError: it can't be read.
    """
    texts = {}
    for name in names:
        try:
            texts[name] = decoded(checkpoint(course, state, name)[1])
        except NoCheckpoint:
            continue
        except (SyntaxError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The code of {name} that passed can't be read: {error}. Run: grader check {name}"
            ) from None
    return texts


@contextlib.contextmanager
def trials_on(course: Course, exercise: str, right: Mapping[str, str]) -> Iterator[Trials]:
    """Yield the checks of an exercise, ready to run on a text next to the code of other exercises that passed."""
    with tempfile.TemporaryDirectory(prefix="bugs-", ignore_cleanup_errors=True) as folder:
        others = helpers_in(course.stubs, course.by_id)
        others |= {name: Path(path) for name, path in write_all(Path(folder), right).items()}
        with Trials(course, exercise, others) as trials:
            yield trials


def write_all(folder: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """Write texts as modules into a folder, and return the path of each."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return {name: str(folder / f"{name}.py") for name in texts}
