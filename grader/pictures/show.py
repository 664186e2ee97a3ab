"""Find the code that draws an exercise, and let it draw the learner's module, which runs in its own process."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.checks.failure import CheckFailure
from grader.checks.outcome import at, import_failed, rows_of
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course
from grader.course.code import imported
from grader.errors import CourseError, NoPicture, NoReference, NothingToShow
from grader.failures.as_text import rows_as_text
from grader.failures.rows import Row
from grader.learner.workspace import Workspace
from grader.pictures.describe import Picture
from grader.port import LearnerError, LearnerRaised, LearnerStopped, NotStarted, OtherProcess, Port, Transport
from grader.text import printable

FUNCTION = "pictures"
REFERENCE = "reference"
Draw = Callable[..., Sequence[Picture]]


@dataclass(frozen=True)
class Shown:
    """The pictures of an exercise, and the exercises that stand-ins replaced."""

    exercise: str
    title: str
    pictures: tuple[Picture, ...]
    standins: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Say whether any picture shows a mistake."""
        return any(picture.wrong for picture in self.pictures)


def show(course: Course, exercise: str, connect: Callable[[Workspace], Transport] = OtherProcess) -> Shown:
    """Draw the learner's module of an exercise, with stand-ins for the exercises that it needs.

    Args:
        course: the course.
        exercise: the exercise's id.
        connect: makes the transport to the module.

    Raises:
        NoPicture: there is no picture for this exercise.
        NothingToShow: the module's results can't be drawn; the message says why.
    """
    draw = _drawing(course, exercise)
    needed = course.all_needs(exercise)
    under_test = SubmissionUnderTest(course, connect, diagnosing=False)
    under_test.load_folder(course.stubs)
    if not under_test.has(exercise):
        raise NothingToShow(f"There is no {course.stubs / f'{exercise}.py'}. Write it, then: grader show {exercise}")
    try:
        port = under_test.port_over_standins(exercise) if needed else under_test.port(exercise)
        try:
            port.load()
        except (LearnerError, LearnerStopped, NotStarted) as error:
            raise NothingToShow(_lines("", import_failed(error, course.by_id[exercise]).rows, exercise)) from None
        try:
            drawn = draw(port, **_reference(under_test, exercise, draw))
        except (LearnerError, LearnerStopped, NotStarted, CheckFailure) as error:
            raise NothingToShow(_lines(*_explained(error, exercise), exercise)) from None
    finally:
        under_test.close()
    return Shown(exercise, course.by_id[exercise].title, tuple(drawn), needed)


def has_pictures(course: Course, exercise: str) -> bool:
    """Say whether there is a picture for an exercise."""
    return (course.pictures / f"{exercise}.py").is_file()


def _drawing(course: Course, exercise: str) -> Draw:
    path = course.pictures / f"{exercise}.py"
    if not path.is_file():
        others = [other.id for other in course.exercises if has_pictures(course, other.id)]
        instead = f"grader show {others[0]}" if others else f"grader check {exercise}"
        raise NoPicture(
            f"There is no picture of `{exercise}`: the course has no pictures/{exercise}.py. Try: {instead}"
        )
    try:
        module = imported(path, course.root, f"grader_pictures_of_{exercise}")
    except Exception as error:
        message = printable(f"{type(error).__name__}: {error}")
        raise CourseError(f"{path} can't be imported ({message}). Fix it; see docs/authoring.md") from None
    draw: Draw | None = getattr(module, FUNCTION, None)
    if not callable(draw):
        raise CourseError(f"{path} has no function `{FUNCTION}(learner)`. Write it; see docs/authoring.md")
    return draw


def _reference(under_test: SubmissionUnderTest, exercise: str, draw: Draw) -> dict[str, Port | None]:
    """Pass the reference to a function that has a parameter for it; None if this copy has no solutions."""
    if REFERENCE not in inspect.signature(draw).parameters:
        return {}
    try:
        return {REFERENCE: under_test.reference(exercise)}
    except NoReference:
        return {REFERENCE: None}


def _explained(error: BaseException, exercise: str) -> tuple[str, Sequence[Row]]:
    """Explain in a sentence or two why nothing can be drawn, and in rows what happened instead."""
    match error:
        case NotStarted():
            where = printable(str(error)) or "This isn't written yet."
            return f"Nothing to show yet: {error.module}.py isn't finished. {where}", ()
        case LearnerStopped(kind="timeout", frames=frames):
            return f"No picture: {exercise}.py doesn't return ({printable(str(error))}).", at(frames[-1:])
        case LearnerStopped():
            return f"No picture: {exercise}.py ended the process ({printable(str(error))}).", ()
        case LearnerRaised():
            return f"No picture: {exercise}.py raises {printable(str(error))}", at(error.raised.frames[-1:])
        case CheckFailure(cause=cause):
            return f"No picture: {exercise}.py returns something that can't be drawn.", rows_of(cause)
    return f"No picture: {printable(str(error))}.", ()


def _lines(headline: str, rows: Sequence[Row], exercise: str) -> str:
    return "\n".join([*rows_as_text(headline, rows), f"To find out what is wrong: grader check {exercise}"])
