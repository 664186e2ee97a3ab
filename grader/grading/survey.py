"""Finds the submissions in a folder, and names everything in it that is none. Nothing is executed here."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course import Course
from grader.errors import NoSubmissions, UsageError
from grader.grading.handed_in import (
    COURSE_FOLDERS,
    INNER_FOLDER,
    KEPT,
    MODULE,
    NOTEBOOK,
    OTHER_ARCHIVES,
    OUR_FILES,
    OUR_FOLDERS,
    files_of,
    is_archive,
    is_folder,
    is_of_a_tool,
    shown,
)
from grader.grading.intake import submission_id, take_in
from grader.grading.notices import Notice
from grader.grading.recognition import same_name
from grader.text import listed

ANSWERS = (MODULE, NOTEBOOK)
TOOL_FOLDERS = re.compile(
    r"\.(git|github|svn|hg|idea|vscode|ipynb_checkpoints|grader|\w*cache|venv|trash\S*)$|__\w*cache__$"
)
"""Folders of tools, whose names begin with a dot or two underscores, as those of other folders seldom do."""
PLATFORM = re.compile(r".+_(\d+_\d+|attempt_[\d-]+|\d+_assignsubmission_(file|onlinetext))_.*\.\w+$")
"""What Canvas, Blackboard and Moodle call a file if the download has no folders."""
TYPED, UPLOADED = "_assignsubmission_onlinetext", "_assignsubmission_file"
"""How Moodle's folders end: what somebody typed into a box, and the files that they uploaded."""
MAX_NAMED = 20


@dataclass(frozen=True)
class Survey:
    """What is in a folder.

    Attributes:
        submissions: the folder or the archive of each submission, by its id.
        notices: what else there is, and why it isn't graded.
        is_single: whether the folder itself is the only submission.
    """

    submissions: dict[str, Path]
    notices: tuple[Notice, ...] = ()
    is_single: bool = False


def find_submissions(path: Path, course: Course) -> list[Path]:
    """List the folders and archives to grade: the path itself if it contains modules, otherwise all that are in it.

    Raises:
        NoSubmissions: there are none; the message says what is expected.
    """
    return list(survey_of(path, course).submissions.values())


def siblings(path: Path) -> list[str]:
    """List the ids of what seem to be submissions next to one: the names of the folders and archives there."""
    try:
        entries = sorted(path.resolve().parent.iterdir())
        return [submission_id(entry) for entry in entries if is_folder(entry) or is_archive(entry)]
    except OSError:
        return []


def survey_of(path: Path, course: Course, out: Path | None = None) -> Survey:
    """Find the submissions in a folder.

    Args:
        path: a submission's folder, or a folder of submissions.
        course: the course.
        out: the folder for the reports, which is no submission even if it is among them.

    Raises:
        NoSubmissions: there are none, or the folder cannot be read; the message says what is expected.
        UsageError: the reports would be written into somebody's submission.
    """
    if not path.exists():
        raise NoSubmissions(f"{path} doesn't exist. Name the folder of one submission, or a folder of such folders.")
    if is_archive(path):
        raise NoSubmissions(f"{path} is an archive. Make a folder for each student first: grader collect {path}")
    if not path.is_dir():
        raise NoSubmissions(f"{path} is a file. Name the folder that it is in: grader grade {path.parent}")
    entries = _entries(path)
    reports = [entry for entry in entries if is_folder(entry) and _is_for_reports(entry, course, out)]
    loose, candidates = list[Path](), list[Path]()
    for entry in entries:
        if entry in reports or (KEPT in os.listdir(path) and entry.name in (*OUR_FOLDERS, *OUR_FILES)):
            continue
        if is_folder(entry) and not TOOL_FOLDERS.match(entry.name) and entry.name.lower() != "__macosx":
            if not entry.name.startswith((".", "__")) or _has_answers(entry):
                candidates.append(entry)
        elif is_archive(entry):
            candidates.append(entry)
        elif not is_folder(entry) and not is_of_a_tool(PurePosixPath(entry.name)):
            loose.append(entry)
    uploaded = {entry.name.partition(UPLOADED)[0] for entry in candidates if UPLOADED in entry.name}
    candidates = [
        entry for entry in candidates if TYPED not in entry.name or entry.name.partition(TYPED)[0] not in uploaded
    ]
    if _is_single(path, candidates, loose, course):
        return Survey({submission_id(path): path}, is_single=True)
    if not candidates:
        raise NoSubmissions(_nothing(path, loose, course))
    if len(candidates) == 1 and not loose and _is_class(candidates[0], course):
        return survey_of(candidates[0], course, out)
    submissions, notices = _by_id(candidates, course)
    return Survey(submissions, (*_about_loose(loose), *_about_reports(reports), *notices))


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as error:
        raise NoSubmissions(f"{path} cannot be read ({error.strerror}). Change its permissions.") from None


def _is_for_reports(folder: Path, course: Course, out: Path | None) -> bool:
    """Say whether a folder is for the reports of this run or an earlier one.

    Raises:
        UsageError: it is for this run, but it contains a submission.
    """
    if (folder / KEPT).is_dir() and not _has_answers(folder):
        return True
    if out is None or folder.resolve() != out.resolve():
        return False
    if _has_answers(folder):
        raise UsageError(f"--out {out} is the folder of a submission. Name another folder for the reports.")
    return True


def _is_single(path: Path, candidates: Sequence[Path], loose: Sequence[Path], course: Course) -> bool:
    """Say whether a folder is one submission and not a class.

    A folder with modules, or with `exercises/`, is one submission, unless there are several others in it: then somebody
    has put a module next to the folders. A folder with a folder for each exercise is one, too, and so is a folder with
    nothing but files that can be recognized.
    """
    inner = path / INNER_FOLDER
    has_modules = any(_is_named(entry, course) for entry in path.iterdir())
    if has_modules or (is_folder(inner) and any(_is_named(entry, course) for entry in inner.iterdir())):
        apart = (INNER_FOLDER, *(COURSE_FOLDERS if inner.is_dir() else ()))
        others = [entry for entry in candidates if entry.name.lower() not in apart and not _is_exercise(entry, course)]
        return sum(_has_named(entry, course) for entry in others) < 2
    if candidates:
        if not any(_is_exercise(entry, course) for entry in candidates):
            return False
        having = [entry for entry in candidates if _has_answers(entry)]
        return bool(having) and all(is_folder(entry) and _is_exercise(entry, course) for entry in having)
    if any(PLATFORM.match(entry.name) for entry in loose):
        return False
    return any(entry.suffix.lower() in ANSWERS for entry in loose) and bool(take_in(path, course).sources)


def _is_class(folder: Path, course: Course) -> bool:
    """Say whether a folder contains the submissions, and not one of them."""
    if not is_folder(folder) or any(_is_named(entry, course) for entry in _entries(folder)):
        return False
    inner = [entry for entry in _entries(folder) if is_folder(entry) or is_archive(entry)]
    inner = [entry for entry in inner if not is_of_a_tool(PurePosixPath(entry.name))]
    if any(entry.name == INNER_FOLDER or _is_exercise(entry, course) for entry in inner):
        return False
    having = [_exercises_in(entry, course) for entry in inner]
    return any(first & second for number, first in enumerate(having) for second in having[:number])


def _is_named(entry: Path, course: Course) -> bool:
    return entry.suffix in ANSWERS and entry.stem in course.by_id


def _is_exercise(entry: Path, course: Course) -> bool:
    """Say whether a folder is named after an exercise or an assignment."""
    names = [*course.by_id, *(assignment.id for assignment in course.assignments)]
    return any(same_name(entry.name, name) for name in names)


def _exercises_in(path: Path, course: Course) -> set[str]:
    names = {file.path.stem for file in files_of(path).files if file.path.suffix in ANSWERS}
    return names & course.by_id.keys()


def _has_named(path: Path, course: Course) -> bool:
    return bool(_exercises_in(path, course))


def _has_answers(path: Path) -> bool:
    return any(file.kind in ANSWERS for file in files_of(path).files)


def _by_id(candidates: Sequence[Path], course: Course) -> tuple[dict[str, Path], list[Notice]]:
    """Name submissions; an archive of which there is a folder, too, counts only if there is something else in it."""
    submissions = {submission_id(entry): entry for entry in candidates if is_folder(entry)}
    notices = []
    for archive in [entry for entry in candidates if not is_folder(entry)]:
        name = submission_id(archive)
        if name not in submissions:
            submissions[name] = archive
        elif take_in(archive, course).digest == take_in(submissions[name], course).digest:
            notices.append(Notice(f"{shown(archive.name)} was passed over: it contains the same as {name}."))
        else:
            text = f"{shown(archive.name)} contains something else than {name}, so both were graded. Keep one of them."
            submissions[shown(archive.name)] = archive
            notices.append(Notice(text))
    return dict(sorted(submissions.items())), notices


def _about_loose(loose: Sequence[Path]) -> list[Notice]:
    """Name what is next to the submissions."""
    links = [entry for entry in loose if entry.is_symlink()]
    files = [entry for entry in loose if not entry.is_symlink()]
    answers = [entry for entry in files if entry.suffix.lower() in ANSWERS]
    archives = [entry for entry in files if entry.suffix.lower() in OTHER_ARCHIVES]
    rest = [entry for entry in files if entry not in (*answers, *archives)]
    notices = []
    if links:
        text = "A link was not followed: {}. Put the folder or the file itself there."
        notices.append(Notice(text.format(_names(links)), kind="not_graded"))
    if answers:
        text = "Next to the submissions, so whose it is isn't clear: {}. Move each file into its student's folder."
        if any(PLATFORM.match(entry.name) for entry in answers):
            text = (
                "Next to the submissions, as in a download from a learning platform: {}. To make a folder for each "
                "student: grader collect DOWNLOAD"
            )
        notices.append(Notice(text.format(_names(answers)), kind="not_graded"))
    if archives:
        text = "Next to the submissions, and can't be opened here: {}. Unpack each into a folder."
        notices.append(Notice(text.format(_names(archives)), kind="not_graded"))
    if rest:
        notices.append(Notice(f"Next to the submissions, and ignored: {_names(rest)}."))
    return notices


def _about_reports(reports: Sequence[Path]) -> list[Notice]:
    text = "{} contains reports of the grader, so it wasn't graded. Keep such folders outside of the submissions."
    return [Notice(text.format(shown(entry.name))) for entry in reports]


def _names(entries: Sequence[Path]) -> str:
    return listed([shown(entry.name) for entry in entries], MAX_NAMED)


def _nothing(path: Path, loose: Sequence[Path], course: Course) -> str:
    """Say why there is nothing to grade in a folder."""
    links = [entry for entry in loose if entry.is_symlink()]
    if links and len(links) == len(loose):
        return f"{path} contains only links ({_names(links)}), which aren't followed. Put the folders themselves there."
    answers = [entry for entry in loose if entry.suffix.lower() in ANSWERS]
    if any(PLATFORM.match(entry.name) for entry in loose) or len(answers) > 1:
        return (
            f"{path} contains no folders of submissions, but files such as {shown((answers or loose)[0].name)}. "
            f"If it is a download from a learning platform, first make a folder for each student: grader collect {path}"
        )
    if answers:
        return (
            f"In {path}, {shown(answers[0].name)} is for no exercise that the grader recognizes. "
            f"Name it after its exercise, such as {next(iter(course.by_id))}{MODULE}."
        )
    names = ", ".join(f"{exercise.id}.py" for exercise in course.exercises[:3])
    return f"{path} contains neither modules ({names}, …) nor folders of submissions. Name another folder."
