"""What the result of one exercise follows from: its module, and the other modules that it can reach.

Whatever can't be reached isn't there when the exercise is graded, so equal contents have equal results, whoever handed
them in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from grader.course import Course
from grader.files import digest
from grader.grading.helpers import found
from grader.grading.intake import Submission
from grader.learner.imports import COLLECTIONS, FOLDER

WORD = re.compile(rb"[A-Za-z_]\w*")
IMPORT = re.compile(rb"\b(?:from|import)\b[^\n(;]*(?:\([^)]*\))?")
STRING = re.compile(rb"""["'][.\w]*["']""")
"""Something that may be the name of a module, for a function that imports it."""
CONTINUED, ESCAPED, COMMENT = re.compile(rb"\\\r?\n"), re.compile(rb"\\[nrt]"), re.compile(rb"#[^\n]*")
STAR = re.compile(rb"\bfrom\s+(?:\.|%s)\s+import\b[\s(]*\*" % FOLDER.encode())
"""An import of everything that is there."""


def contents(course: Course, submission: Submission) -> dict[str, Submission]:
    """Divide a submission into what each of its exercises is graded by.

    Args:
        course: the course, or a part of it.
        submission: the submission.

    Returns:
        For each exercise of the course that the submission asks for, a submission with only the modules that the
        exercise's own module can reach. Its id is a digest of all of this, and of what is asked.
    """
    asked = [exercise for exercise in course.exercises if _asks_for(submission, exercise.id)]
    # What is taken from wherever it is comes from the first module that has it, so their order counts.
    order = {name: position for position, name in enumerate(course.whole.by_id)}
    in_order = dict(sorted(submission.sources.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))
    modules = {**in_order, **dict(sorted(submission.helpers.items()))}
    named = {name: _named(source, modules) for name, source in modules.items()}
    divided = {}
    for exercise in asked:
        first = [exercise.id, *course.whole.all_needs(exercise.id)] if exercise.id in submission.sources else []
        within = _reached(first, named)
        checks = None
        if submission.checks is not None:
            checks = submission.checks & {check.id for check in exercise.checks}
        sources = {name: source for name, source in modules.items() if name in within and name in in_order}
        helpers = {name: source for name, source in modules.items() if name in within and name not in in_order}
        which = ["all"] if checks is None else ["of these", *sorted(checks)]
        parts = [part for item in (*sources.items(), ("helpers", b""), *helpers.items()) for part in item]
        divided[exercise.id] = replace(
            submission,
            id=digest(exercise.id, *which, *parts),
            sources=sources,
            helpers=helpers,
            notes=(),
            not_graded=frozenset(),
            questions=(),
            checks=checks,
            exercises=frozenset([exercise.id]),
        )
    return divided


def _asks_for(submission: Submission, exercise: str) -> bool:
    return submission.exercises is None or exercise in submission.exercises


def _named(source: bytes, modules: Collection[str]) -> Collection[str]:
    """List the modules whose name is in an import of a source, or is a string in it, also where nothing comes of it.

    A source that takes what it imports from wherever it is, as the book's later chapters do, names all of them.
    """
    source = CONTINUED.sub(b" ", source)
    # Code may be in a string, as the cell of a notebook that writes a module is; and a comment may have parentheses.
    texts = (ESCAPED.sub(b"\n", source), COMMENT.sub(b"", source))
    places = [place for text in texts for pattern in (IMPORT, STRING) for place in found(pattern, text)]
    words = {word.decode() for place in places for word in WORD.findall(place)}
    if words.intersection(COLLECTIONS) or any(STAR.search(text) for text in texts):
        return modules
    return words.intersection(modules)


def _reached(first: Collection[str], named: Mapping[str, Collection[str]]) -> set[str]:
    """List modules and those that they name, directly or through others."""
    reached: set[str] = set()
    waiting = [name for name in first if name in named]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += named[name]
    return reached
