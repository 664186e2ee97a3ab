"""Why an exercise will fail when it is graded: what the file itself shows, and what the visible checks found."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.failures.rows import Position, Row
from grader.grading.encodings import in_utf8
from grader.grading.results import CheckResult, ExerciseResult
from grader.handin.manifest import CheckedExercise
from grader.handin.work import LearnerFile, Work, is_text
from grader.learner.imports import FOLDER
from grader.learner.source import Source
from grader.text import printable

NO_IMPORT = ("not_imported", "import_stopped", "import_died")
"""Kinds of rows that say that a module can't be imported."""
NO_FILE, NO_NAME = "FileNotFoundError", "NameError"
"""Exceptions if a file isn't there, and if a name has no value, perhaps because its statement was left out."""


@dataclass(frozen=True)
class Line:
    """What there is to say about an exercise.

    Attributes:
        exercise: its id.
        sentence: what the visible checks said, or why it will fail.
        entry: the same for the manifest.
    """

    exercise: str
    sentence: str
    entry: CheckedExercise


def line_about(course: Course, file: LearnerFile, work: Work, result: ExerciseResult | None) -> Line:
    """Say in one line how an exercise is doing.

    Args:
        course: the course.
        file: its file.
        work: everything that is handed in.
        result: the result of its visible checks; None if they could not be run.
    """
    visible = [check for check in course.by_id[file.name].checks if check.visibility == "visible"]
    if not file.is_begun:
        return Line(file.name, "not started", CheckedExercise("not_started", 0, len(visible)))
    ran = [check for check in result.checks if check.visibility == "visible"] if result is not None else []
    passed = sum(check.status == "passed" for check in ran)
    cause = in_the_file(file)
    if not cause and result is not None and passed < len(ran):
        cause = _in_the_checks(course, file, work, result, ran)
    if cause:
        entry = CheckedExercise("failed", passed, len(visible))
        tally = f" ({passed} of {len(ran)} visible checks pass)" if passed else ""
        return Line(file.name, f"will fail when graded, because {cause}{tally}", entry)
    if not visible:
        return Line(file.name, "there are no visible checks", CheckedExercise("not_checked", 0, 0))
    if result is None:
        return Line(file.name, "could not be checked here", CheckedExercise("not_checked", 0, len(visible)))
    if all(check.status == "not_started" for check in ran):
        sentence = "not started: it still raises NotImplementedError wherever you should write code"
        return Line(file.name, sentence, CheckedExercise("not_started", 0, len(visible)))
    if passed < len(ran):
        entry = CheckedExercise("failed", passed, len(visible))
        return Line(file.name, f"{passed} of {len(ran)} visible checks pass", entry)
    apart = f", with stand-ins for {_standins(result)}" if result.together is not None else ""
    which = "its visible check" if len(ran) == 1 else f"all {len(ran)} visible checks"
    sentence = f"passes {which}{apart}"
    return Line(file.name, sentence, CheckedExercise("passed", passed, len(visible)))


def in_the_file(file: LearnerFile) -> str:
    """Say why grading can't use a file at all: the end of a sentence; empty if it can."""
    if file.content is None:
        return f"{file.shown} is {file.problem}" if file.problem else ""
    if not is_text(file.content):
        return f"{file.shown} isn't a text file"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Source(in_utf8(file.content)[0], file.shown)
    except SyntaxError as error:
        where = f"{file.shown}:{error.lineno}" if error.lineno else file.shown
        return f"of a syntax error at {where}: {printable(error.msg, 80)}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"Python can't compile {file.shown} ({printable(str(error), 80) or type(error).__name__})"
    return ""


def _in_the_checks(
    course: Course, file: LearnerFile, work: Work, result: ExerciseResult, ran: Sequence[CheckResult]
) -> str:
    """Say what keeps checks from passing that isn't about right or wrong results; empty if there is nothing."""
    failed = [check for check in ran if check.status not in ("passed", "not_started", "skipped")]
    for check in failed:
        if any(row.kind in NO_IMPORT for row in check.rows):
            return f"it can't be imported: {_text(check.rows, (*NO_IMPORT, 'raised'))}{_position(file, check.rows)}"
    for name, line, is_own in _imports(file):
        if name in work.left_out:
            return f"it imports `{name}`, which can't be handed in: it is {work.left_out[name].problem}"
        if _is_missing(course, file, work, name, is_own):
            return f"it imports `{name}`, which isn't handed in ({file.shown}:{line})"
    for check in failed:
        missing = [row for row in check.rows if row.kind == "missing"]
        if missing:
            return f"it has no `{missing[0].lines[0]}`, which the exercise asks for"
    absent = {NO_FILE, NO_NAME} if result.remarks else {NO_FILE}
    for check in failed:
        raised = [row for row in check.rows if row.kind == "raised" and absent & set(row.about)]
        if raised:
            return f"it needs something that isn't there: {_text(raised, ('raised',))}{_position(file, check.rows)}"
    return ""


def _text(rows: Sequence[Row], kinds: Collection[str]) -> str:
    return printable(" ".join(line for row in rows if row.kind in kinds for line in row.lines), 160)


def _position(file: LearnerFile, rows: Sequence[Row]) -> str:
    """Write the last position in the exercise's own file; empty if there is none."""
    positions: list[Position] = [position for row in rows if row.kind == "at" for position in row.places]
    own = [position for position in positions if position.module == file.name]
    return f" ({file.shown}:{own[-1].line})" if own else ""


def _standins(result: ExerciseResult) -> str:
    together = result.together
    return ", ".join([*together.modules, *together.not_written]) if together is not None else ""


def _is_missing(course: Course, file: LearnerFile, work: Work, name: str, is_own: bool) -> bool:
    """Say whether a module is the learner's own, and neither handed in nor replaced by a stand-in."""
    if name in work.modules or name in work.helpers or name in course.all_needs(file.name):
        return False
    return is_own or name in course.by_id


def _imports(file: LearnerFile) -> Iterator[tuple[str, int, bool]]:
    """List what a file imports: the name, the line, and whether only the learner's own modules can be meant."""
    for node in ast.walk(Source(in_utf8(file.content or b"")[0], file.shown).tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name.partition(".")[0], node.lineno, False) for alias in names)
            case ast.ImportFrom(level=level, module=module, names=names):
                parts = module.split(".") if module else []
                is_own = bool(level) or parts[:1] == [FOLDER]
                parts = parts[1:] if parts[:1] == [FOLDER] else parts
                heads = parts[:1] or [alias.name for alias in names]
                yield from ((head, node.lineno, is_own) for head in heads)
