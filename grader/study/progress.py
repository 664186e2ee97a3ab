"""A learner's progress: the status of each exercise, worked out from the files each time, and which one is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

from grader.course import Course, Exercise
from grader.study.checking import has_hidden_checks
from grader.study.folder import digest, read, work
from grader.study.state import State
from grader.study.stubs import is_untouched, keep_stub
from grader.study.tracks import more_exercises
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
    has_efforts = any(exercise.effort for exercise in exercises)
    if has_efforts:
        table.add_column("about", no_wrap=True)
    table.add_column("status", overflow="fold")
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
        effort = [Text(exercise.effort)] if has_efforts else []
        hints = [Text(exercise.hints or "0")] if counted else []
        table.add_row(Text(str(number)), Text(exercise.id), *effort, status, *hints)
    return table


def milestones_after(course: Course, exercise: str) -> list[str]:
    """Say what the capstone can show now that an exercise has passed, and what to type."""
    milestones = course.capstone.milestones if course.capstone is not None else []
    return [f"{milestone.title}: {milestone.command}" for milestone in milestones if milestone.after == exercise]


def advice(course: Course, exercises: list[ExerciseProgress]) -> list[str]:
    """Say what to do next, and that the learner may start an exercise before the ones that it builds on."""
    sentences = []
    following = next((exercise for exercise in exercises if exercise.is_next), None)
    if following is None:
        of_part = "" if course.all_of_it is None else " on your track"
        sentences.append(f"All exercises{of_part} passed. Well done!")
        if course.capstone is not None:
            sentences.append("Now put your modules together, train your GPT, and let it write: grader capstone")
        if has_hidden_checks(course):
            sentences.append("You can run the hidden checks on your code, too: grader check --hidden")
    elif following.status == "not_started":
        sentences.append(f"Next: read exercises/{following.id}.md, and write exercises/{following.id}.py.")
    else:
        sentences.append(f"Next: grader watch {following.id}. Stuck? grader hint {following.id}")
    waiting = [exercise.id for exercise in exercises if exercise.waits_for and not exercise.is_next]
    if waiting:
        sentences.append(
            f"You can work on {', '.join(waiting)} at any time: if a module that an exercise builds on is missing or "
            "wrong, the checks use a stand-in."
        )
    passed = [exercise.id for exercise in exercises if exercise.status == "passed"]
    reached = [sentence for name in passed for sentence in milestones_after(course, name)]
    sentences += reached[-1:]
    others = len(course.whole.exercises) - len(course.exercises)
    if others:
        sentences.append(more_exercises(others))
    return sentences
