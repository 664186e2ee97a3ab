"""Intake: reads a submission's files, and says which ones are ignored and why. Nothing is executed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course
from grader.files import digest
from grader.grading.answers import MAX_NAMED, Answers, answers_in
from grader.grading.encodings import in_utf8
from grader.grading.handed_in import MODULE, HandedIn, Unreadable, files_of, is_archive, shown
from grader.grading.helpers import imported
from grader.grading.notices import Notice
from grader.grading.questions.arrived import take_questions
from grader.grading.questions.file import Asked
from grader.text import listed

MAX_HELPERS, MAX_HELPER = 20, 2**18
"""The most helper files that are taken along, and the most bytes of one."""


@dataclass(frozen=True)
class Submission:
    """A learner's modules, read in.

    Attributes:
        id: the folder's name.
        sources: the bytes of each module, by exercise id.
        helpers: the bytes of other modules that these import, by name.
        notes: a sentence about each file that was ignored, or graded as something that its name doesn't say.
        not_graded: those of `notes` that say that something which may be an answer wasn't graded.
        checks: the ids of the checks to run; by default all. The others are skipped.
        exercises: the ids of the exercises whose checks run; by default all.
        questions: the questions that came with it.
    """

    id: str
    sources: dict[str, bytes]
    notes: tuple[str, ...]
    checks: frozenset[str] | None = None
    exercises: frozenset[str] | None = None
    helpers: dict[str, bytes] = field(default_factory=dict)
    not_graded: frozenset[str] = frozenset()
    questions: tuple[Asked, ...] = ()

    @property
    def notices(self) -> list[Notice]:
        """List what the instructor should look at."""
        return [Notice(note, self.id, "not_graded" if note in self.not_graded else "remark") for note in self.notes]

    @property
    def digest(self) -> str:
        """Return a digest of the modules, which depends on their bytes and not on the names of the files."""
        modules = sorted({**self.sources, **self.helpers}.items())
        return digest(*(part for item in modules for part in item))

    def asks_for(self, exercise: str, check: str) -> bool:
        """Say whether to run a check."""
        return (self.checks is None or check in self.checks) and (self.exercises is None or exercise in self.exercises)


def take_in(path: Path, course: Course, name: str = "") -> Submission:
    """Read the modules and notebooks of a submission: regular files of bounded size, by `lstat`.

    Which files count is decided in `answers.py`. Everything else is ignored with a note, and so is a file that cannot
    be read.

    Args:
        path: the folder with the files, or a zip archive.
        course: the course.
        name: the submission's id; the folder's name by default.
    """
    files = files_of(path)
    questions, problems = take_questions(files)
    answers = answers_in(files, course)
    answers.notes += problems
    helpers = _helpers(answers)
    names = [file.shown for file in (*answers.ignored, *answers.others)]
    if names:
        rule = "Only modules and notebooks named after an exercise are graded."
        answers.notes.append(f"Ignored: {listed(sorted(names), MAX_NAMED)}. {rule}")
    if not answers.sources:
        if files.typed:
            answers.lose(f"There is only what was typed into the platform's text box: {files.typed}. Read it.")
        if not answers.not_graded:
            answers.notes.append("This submission contains no module and no notebook to grade.")
    not_graded = answers.not_graded if answers.sources else answers.notes
    return Submission(
        name or submission_id(path),
        answers.sources,
        tuple(dict.fromkeys(answers.notes)),
        helpers=helpers,
        not_graded=frozenset(not_graded),
        questions=questions,
    )


def submission_id(path: Path) -> str:
    """Return the id of the submission in a folder or an archive: its name, without `.zip`."""
    name = path.resolve().name
    return shown(Path(name).stem if is_archive(path) else name)


def write_files(submission: Submission, folder: Path) -> dict[str, Path]:
    """Write a submission's modules and helpers to a folder; return the file of each."""
    files = {}
    for name, source in {**submission.sources, **submission.helpers}.items():
        files[name] = folder / f"{name}.py"
        files[name].write_bytes(source)
    return files


def _helpers(answers: Answers) -> dict[str, bytes]:
    """Read the other modules that the submission's modules import, and those that these import in turn."""
    others: dict[str, HandedIn] = {}
    for folder in answers.folders:
        for file in answers.others:
            stem = file.path.stem
            if file.folder == folder and file.path.suffix == MODULE and stem.isidentifier() and stem.isascii():
                others.setdefault(stem, file)
    helpers: dict[str, bytes] = {}
    waiting = imported(answers.sources.values()) & others.keys()
    while waiting:
        for name in sorted(waiting):
            if len(helpers) == MAX_HELPERS:
                answers.lose(f"{others[name].shown} was ignored: at most {MAX_HELPERS} helper files are taken along.")
                answers.others.remove(others.pop(name))
                continue
            try:
                helpers[name], _ = in_utf8(others[name].content(MAX_HELPER))
            except Unreadable as problem:
                answers.lose(f"{others[name].shown} was ignored: it is {problem}.")
                answers.others.remove(others.pop(name))
        waiting = (imported(helpers.values()) & others.keys()) - helpers.keys()
    answers.others = [file for file in answers.others if file not in others.values() or file.path.stem not in helpers]
    return helpers
