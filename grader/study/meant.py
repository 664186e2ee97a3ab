"""The exercise that a learner means by what they typed: an id, one of its files, its number, or a part of its name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from grader.course import Course, Exercise
from grader.errors import UsageError
from grader.study.tracks import on_track
from grader.text import listed

FILES = (".py", ".md", ".ipynb")
"""The ends of the names of an exercise's files."""
SHORTEST_PART = 2
"""Characters that a part of a name needs at least, to be recognized as one."""
MOST_PARTS = 5
"""How many exercises a message lists of those in whose names the same part is."""


def meant(course: Course, typed: str, words: Sequence[str] = ()) -> Exercise:
    """Return the exercise with this id; the name of one of its files will do, too.

    Args:
        course: the course.
        typed: what somebody typed.
        words: the command line that it is from, to say what to type instead.

    Raises:
        UsageError: the course has no such exercise; the message names the one that was probably meant.
    """
    name = name_in(typed)
    if name in course.drafts:
        raise UsageError(f"`{name}` is still a draft. To see what is missing: grader new exercise {name}")
    if name in course.by_id:
        return course.by_id[name]
    if name.isdecimal():
        raise UsageError(_about_number(course, int(name), typed, words))
    raise UsageError(_about_name(course, name, typed, words))


def name_in(typed: str) -> str:
    """Return the name of an exercise in the path of one of its files, which may lack its end."""
    path = Path(typed)
    name = path.stem if path.suffix in FILES else path.name
    return name.rstrip(".").removeprefix("test_")


def numbered(course: Course, number: int) -> Exercise | None:
    """Return the exercise with a number in `grader progress`; None if there is none."""
    exercises = on_track(course, lambda sentence: None).exercises
    return exercises[number - 1] if 0 < number <= len(exercises) else None


def closest(course: Course, name: str) -> str:
    """Return the id that is closest to a name; empty if none is close."""
    matches = difflib.get_close_matches(name.lower().replace("-", "_"), list(course.by_id), 1)
    return matches[0] if matches else ""


def _about_number(course: Course, number: int, typed: str, words: Sequence[str]) -> str:
    exercise = numbered(course, number)
    if exercise is None:
        return f"There is no exercise `{typed}`. To see their names: grader progress"
    return (
        f"There is no exercise `{typed}`. Number {number} in `grader progress` is `{exercise.id}`."
        f"{_instead(words, typed, exercise.id)}"
    )


def _about_name(course: Course, name: str, typed: str, words: Sequence[str]) -> str:
    parts = [exercise for exercise in course.by_id if len(name) >= SHORTEST_PART and name.lower() in exercise]
    if len(parts) > 1:
        return (
            f"There is no exercise `{name}`. Several have it in their names: {listed(parts, MOST_PARTS)}."
            f"{_instead(words, typed, parts[0], 'For example')}"
        )
    probably = parts[0] if parts else closest(course, name)
    if not probably:
        return f"There is no exercise `{name}`. Choose one of: {', '.join(course.by_id)}."
    return f"There is no exercise `{name}` (did you mean `{probably}`?).{_instead(words, typed, probably)}"


def _instead(words: Sequence[str], typed: str, right: str, beginning: str = "Type") -> str:
    """Say what to type instead; empty if the command line isn't known."""
    if typed not in words:
        return ""
    line = [right if word == typed else f'"{word}"' if " " in word else word for word in words]
    return f" {beginning}: {' '.join(line)}"
