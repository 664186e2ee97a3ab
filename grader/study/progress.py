"""A learner's progress: the status of each exercise, worked out from the files each time, and which one is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from grader.course import Course, Exercise
from grader.study.folder import digest, read, work
from grader.study.state import State
from grader.study.stubs import is_untouched, keep_stub
from grader.study.written import written

ProgressStatus = Literal["passed", "changed", "tried", "begun", "not_started"]


@dataclass(frozen=True)
class ExerciseProgress:
    """The status of one exercise, and the exercises that it needs and that haven't passed yet.

    `changed` means that it passed, but the file is different now; `tried`, that this file was checked; `begun`, that it
    wasn't.
    """

    id: str
    title: str
    status: ProgressStatus
    description: str
    waits_for: tuple[str, ...] = ()
    is_next: bool = False
    hints: str = ""
    effort: str = ""


def course_progress(course: Course, state: State) -> list[ExerciseProgress]:
    """Work out the status of every exercise; the first that has not passed and needs no other first is next."""
    statuses = {exercise.id: _status(course, state, exercise.id) for exercise in course.whole.exercises}
    waits = {
        exercise.id: tuple(name for name in course.all_needs(exercise.id) if statuses[name][0] not in _WAS_PASSED)
        for exercise in course.exercises
    }
    open_ones = [exercise.id for exercise in course.exercises if statuses[exercise.id][0] != "passed"]
    following = next((name for name in open_ones if not waits[name]), None)
    return [
        ExerciseProgress(
            exercise.id,
            exercise.title,
            *statuses[exercise.id],
            waits_for=waits[exercise.id] if statuses[exercise.id][0] != "passed" else (),
            is_next=exercise.id == following,
            hints=_hints(course, state, exercise.id),
            effort=_effort(exercise),
        )
        for exercise in course.exercises
    ]


def _effort(exercise: Exercise) -> str:
    """Say about how long an exercise takes, and how difficult it is; empty if the course doesn't say."""
    hours, minutes = divmod(exercise.minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    time = " ".join(part for part in parts if part)
    return ", ".join(part for part in (time, exercise.difficulty) if part)


_WAS_PASSED = ("passed", "changed")


def _status(course: Course, state: State, exercise: str) -> tuple[ProgressStatus, str]:
    content = read(work(course, exercise))
    known = state.exercises.get(exercise)
    passed, tried = (known.passed, known.tried) if known is not None else (None, None)
    code = digest(content) if content is not None else ""
    if content is not None:
        keep_stub(course, exercise, content)
    if passed is not None and passed.digest == code:
        apart = ", with stand-ins" if passed.over_standins else ""
        return "passed", f"passed{apart}"
    if passed is not None:
        return "changed", f"passed before, changed since{' (the file is gone)' if content is None else ''}"
    if content is None:
        return "not_started", "not started (no file)"
    if is_untouched(course, exercise, content):
        return "not_started", "not started"
    part = written(course, exercise, content)
    more = f"; {part}" if part is not None else ""
    if tried is not None and tried.digest == code:
        return "tried", f"tried: {tried.passed} of {tried.checks} checks pass{more}"
    return "begun", f"started, not checked yet{more}"


def _hints(course: Course, state: State, exercise: str) -> str:
    known = state.exercises.get(exercise)
    taken = len(known.hints) if known is not None else 0
    return f"{taken} of {len(course.by_id[exercise].hints)}" if taken else ""


def progress_table(course: Course, exercises: list[ExerciseProgress]) -> Table:
    """Make the table of progress; a word marks the next exercise, so that color is never needed."""
    table = Table(title=Text(course.title), title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("exercise", overflow="fold")
    efforts = [exercise.effort for exercise in exercises]
    if any(efforts):
        table.add_column("about", no_wrap=True)
    # The title would be broken where the table ends.
    before = max(len(exercise.id) for exercise in exercises) + max(map(len, efforts))
    table.add_column("status", overflow="fold", min_width=max(0, cell_len(course.title) - before))
    counted = course.hints == "counted"
    if counted:
        table.add_column("hints taken", overflow="fold")
    styles = {"passed": "green", "changed": "yellow", "tried": "yellow", "begun": "yellow", "not_started": ""}
    for number, exercise in enumerate(exercises, start=1):
        status = Text(exercise.description, style=styles[exercise.status])
        if exercise.is_next:
            status = Text("NEXT: ", style="bold") + status
        elif exercise.waits_for:
            status = status + Text(f"; builds on {', '.join(exercise.waits_for)}")
        # A single exercise isn't the first of a list.
        row = [Text(str(number) if len(exercises) > 1 else ""), Text(exercise.id)]
        row += [Text(exercise.effort)] if any(efforts) else []
        table.add_row(*row, status, *([Text(exercise.hints or "0")] if counted else []))
    return table
