"""Empty marks to fill in: an entry for each submission, with its exercises and failed checks as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.course import Course
from grader.errors import UsageError
from grader.files import reason
from grader.grading.results import ExerciseResult, Results, SubmissionResult
from grader.reports.anonymous import Mask
from grader.reports.feedback import RESULTS_FILE
from grader.reports.roster import Roster, read_roster
from grader.reports.score_in_words import in_points
from grader.text import did_you_mean, listed, printable
from grader.writing import make_folder, write_report

MARKS_FILE, MARKS_FOLDER = Path("marks.yaml"), Path("marks")
COLUMNS = ("section", "marker")
"""The columns of the roster by which submissions are divided."""
NOBODY = "none"
"""What the file is called with the submissions that have no section, or nobody to mark them."""
MAX_NAMED = 8
PLAIN = re.compile(r"[A-Za-z][\w.-]*")
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML reads as something else than text."""
HEAD = """\
# Marks for {what}: fill in what you like, and leave the rest empty.
# For instructors only. What you can write: docs/class.md. To grade with it, add to your command: --marks {file}
# Items of the rubric are written once, in one file for all:
#   rubric:
#     missing_figure: {{points: -2, exercise: {exercise}, text: The figure is missing.}}
# and listed below: items: [missing_figure]. A score, for example:
#   scores: [{{exercise: {exercise}, score: 3, reason: The idea is right.}}]
"""


@dataclass(frozen=True)
class TemplateRequest:
    """What to write.

    Attributes:
        out: the file, or the folder if there is a file for each section or marker; None for the default.
        roster: the roster with names, sections and markers.
        section: only this section.
        marker: only what this person marks.
        by: `section` or `marker` for a file for each of them; empty for a single file.
        anonymous: write pseudonyms, and no names.
    """

    out: Path | None = None
    roster: Path | None = None
    section: str = ""
    marker: str = ""
    by: str = ""
    anonymous: bool = False


def write_templates(course: Course, graded: Path, request: TemplateRequest) -> Iterator[str]:
    """Write files of marks to fill in, and yield what the instructor should read; no file is replaced.

    Args:
        course: the course.
        graded: the folder that `grader grade` wrote.
        request: what to write.

    Raises:
        UsageError: there are no results, no such section or marker, or a file is there already.
        RosterError: the roster cannot be used.
        NotWritten: a file cannot be written.
    """
    results = read_results(graded / RESULTS_FILE)
    roster = Roster() if request.roster is None else read_roster(request.roster)
    if request.by not in ("", *COLUMNS):
        raise UsageError(f"There is no column `{request.by}` to divide by. Choose one of: {', '.join(COLUMNS)}.")
    if not roster.given and (request.section or request.marker or request.by):
        raise UsageError("Sections and markers are columns of the roster. Name it: --roster FILE.csv")
    roster, _ = roster.settled([submission.id for submission in results.submissions])
    submissions = results.submissions
    for column, wanted in (("section", request.section), ("marker", request.marker)):
        submissions = _only(submissions, roster, column, wanted) if wanted else submissions
    mask = Mask.of(course, [submission.id for submission in results.submissions], roster)
    files = _files(submissions, roster, request)
    _check_free(files)
    for path, part in files.items():
        make_folder(path.parent)
        write_report(path, _text(course, part, roster, mask if request.anonymous else None, path))
        yield f"Written: {path}, with {len(part)} submission{'s' * (len(part) != 1)} to mark."
    yield f"Grade again with: {' '.join(f'--marks {path}' for path in files)}"


def read_results(path: Path) -> Results:
    """Read the results of a run.

    Raises:
        UsageError: there are none, or they can't be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except FileNotFoundError:
        raise UsageError(f"There is no {path}. Name the folder that grader grade wrote, or grade first.") from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({reason(error)}). Grade again.") from None


def _of(roster: Roster, submission: str, column: str) -> str:
    """Return the section of a submission, or who marks it; for a group, that of the first member who has one."""
    return next((value for person in roster.people_of(submission) if (value := getattr(person, column))), "")


def _only(submissions: Sequence[SubmissionResult], roster: Roster, column: str, wanted: str) -> list[SubmissionResult]:
    chosen = [each for each in submissions if _of(roster, each.id, column).casefold() == wanted.casefold()]
    if not chosen:
        known = sorted({value for each in submissions if (value := _of(roster, each.id, column))})
        what = f"has the {column} `{wanted}`{did_you_mean(wanted, known)}"
        choices = f" Choose one of: {listed(known, MAX_NAMED)}." if known else f" The column `{column}` is empty."
        raise UsageError(f"No submission that was graded {what}.{choices}")
    return chosen


def _files(
    submissions: Sequence[SubmissionResult], roster: Roster, request: TemplateRequest
) -> dict[Path, list[SubmissionResult]]:
    if not request.by:
        return {request.out or MARKS_FILE: list(submissions)}
    files: dict[Path, list[SubmissionResult]] = {}
    for submission in submissions:
        name = re.sub(r"[^\w-]+", "-", _of(roster, submission.id, request.by)).strip("-") or NOBODY
        files.setdefault((request.out or MARKS_FOLDER) / f"{name}.yaml", []).append(submission)
    return dict(sorted(files.items()))


def _check_free(files: Mapping[Path, object]) -> None:
    taken = [str(path) for path in files if path.exists() or path.is_symlink()]
    if taken:
        raise UsageError(
            f"{listed(taken, MAX_NAMED)} {'is' if len(taken) == 1 else 'are'} there already, and nothing of yours is "
            "replaced. Name another place: --out PATH"
        )


def _text(
    course: Course, submissions: Sequence[SubmissionResult], roster: Roster, mask: Mask | None, path: Path
) -> str:
    count = len(submissions)
    first = next(iter(submissions[0].exercises), next(iter(course.by_id))) if submissions else next(iter(course.by_id))
    what = f"{count} submission{'s' * (count != 1)} of {printable(course.title)}"
    lines = HEAD.format(what=what, file=path, exercise=first).splitlines()
    if mask is not None:
        masked = [mask.submission(submission) for submission in submissions]
        submissions, roster = sorted(masked, key=lambda submission: submission.id), Roster()
    for submission in submissions:
        lines += ["", *_entry(submission, roster)]
    return "\n".join(lines) + "\n"


def _entry(submission: SubmissionResult, roster: Roster) -> Iterator[str]:
    who = printable(roster.label(submission.id))
    yield f"# {who}: {in_points(submission.score)} of {in_points(submission.max_score)} from the checks"
    for name, result in submission.exercises.items():
        yield from _about(name, result)
    open_questions = [question for question in submission.questions if not question.answer]
    for question in open_questions:
        yield f"#   question {question.id} about {printable(question.about)}: {printable(question.question, 300)}"
    yield f"{_key(submission.id)}:"
    yield "  comment:"
    yield "  items: []"
    yield "  scores: []"
    if open_questions:
        yield "  answers:"
        yield from (f"    {question.id}:" for question in open_questions)


def _about(name: str, result: ExerciseResult) -> Iterator[str]:
    if result.status == "not_started":
        yield f"#   {name}: not started"
        return
    yield f"#   {name}: {in_points(result.score)} of {in_points(result.max_score)}"
    for check in result.checks:
        if check.status not in ("passed", "skipped"):
            worth = f"{in_points(check.score)} of {in_points(check.points)}"
            status = check.status.replace("_", " ")
            yield f"#     {status}: {check.id} ({check.visibility}, {worth}): {printable(check.title)}"


def _key(name: str) -> str:
    """Write an id as a key in YAML."""
    return name if PLAIN.fullmatch(name) and name.lower() not in WORDS else json.dumps(name, ensure_ascii=False)
