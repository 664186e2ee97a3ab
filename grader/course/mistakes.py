"""The catalogue of misconceptions: the mistakes people make, each written as a small change to the answer."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.errors import CourseError


@dataclass(frozen=True)
class Misconception:
    """One mistake.

    Attributes:
        name: a short id of the kind `scale_missing`, unique in its exercise.
        did: what was done, as a sentence to the learner.
        why: why it is wrong, in a sentence.
        hint: where to look, without giving the line away.
        check: the id of the check that is about this mistake; it fails on it, and is the first to be shown.
        edits: pieces of the solution's text, each of which stands there exactly once, and what stands there instead.
        met: how common it is and where one meets it, where that is known.
        preceded: why another check speaks first, where that cannot be otherwise; the matrix shows it.
    """

    name: str
    did: str
    why: str
    hint: str
    check: str
    edits: tuple[tuple[str, str], ...]
    met: str = ""
    preceded: str = ""

    def apply(self, solution: str) -> str:
        """Return the solution's text with this mistake in it.

        Raises:
            CourseError: an edit does not fit the solution as it stands.
        """
        for old, new in self.edits:
            if solution.count(old) != 1:
                raise CourseError(
                    f"Misconception `{self.name}`: {old!r} stands {solution.count(old)} times in the solution, "
                    "due is once. Adapt the edit."
                )
            solution = solution.replace(old, new)
        return solution


def misconceptions(course: Course, exercise: str) -> tuple[Misconception, ...]:
    """Return the misconceptions of an exercise, in the order of its file; none where there is no file."""
    path = course.solutions / "misconceptions" / f"{exercise}.py"
    if not path.is_file():
        return ()
    spec = importlib.util.spec_from_file_location(f"misconceptions_{exercise}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: tuple[Misconception, ...] = module.MISCONCEPTIONS
    return found


def with_misconception(course: Course, exercise: str, misconception: Misconception) -> str:
    """Return the text of an exercise's solution with a mistake in it."""
    text = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    return misconception.apply(text)


def right_answers(course: Course, exercise: str) -> tuple[Path, ...]:
    """List the files of an exercise's right answers: the solution, the stand-in, then those in other styles."""
    paths = [course.solutions / f"{exercise}.py", course.standins / f"{exercise}.py"]
    paths += sorted((course.styles / exercise).glob("*.py"))
    return tuple(path for path in paths if path.is_file())


def write_submission(course: Course, folder: Path, replaced: dict[str, str]) -> Path:
    """Write a submission that is the solutions, with some modules' texts replaced; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for exercise in course.exercises:
        text = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        (folder / f"{exercise.id}.py").write_text(replaced.get(exercise.id, text), encoding="utf-8")
    return folder
