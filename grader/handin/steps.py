"""Handing in, all steps in order: choose, read, check, warn, write the archive, and give its receipt."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader import __version__
from grader.course import Course
from grader.errors import UsageError
from grader.handin.archive import place_for, write_archive, zip_of
from grader.handin.causes import Line, in_the_file, line_about
from grader.handin.cautions import cautions
from grader.handin.checking import Rehearsal, rehearse, with_stubs
from grader.handin.choice import Selection, choose
from grader.handin.manifest import MANIFEST_SCHEMA, Manifest, encoded, file_entry, with_receipt
from grader.handin.questions import questions_of
from grader.handin.receipts import NOT_A_SIGNATURE, receipts_of_submission
from grader.handin.version import CourseVersion, version_of
from grader.handin.work import LearnerFile, file_of, notebooks_instead, work_of
from grader.study.folder import shown
from grader.writing import make_folder, writing


@dataclass(frozen=True)
class HandInRequest:
    """What a learner wants to hand in: assignments and exercises, and where the archive goes; empty for the default."""

    names: Sequence[str] = ()
    out: Path | None = None


@dataclass(frozen=True)
class HandedIn:
    """An archive that was written.

    Attributes:
        path: the archive.
        shown: its path from the course's folder.
        selection: what is in it.
        manifest: its manifest, with the receipt.
        about: what there is to say about each exercise.
        warnings: what the learner should know before they upload it.
        questions: what the questions in it are about; empty if there are none.
    """

    path: Path
    shown: str
    selection: Selection
    manifest: Manifest
    about: tuple[Line, ...]
    warnings: tuple[str, ...]
    questions: str = ""

    def lines(self) -> Iterator[str]:
        """Yield what the command prints."""
        of = f" for {self.selection.assignment}" if self.selection.assignment else ""
        yield f"What you hand in{of}, and what its visible checks say:"
        widest = max(len(line.exercise) for line in self.about)
        yield from (f"  {line.exercise:<{widest}}  {line.sentence}" for line in self.about)
        failing = [line.exercise for line in self.about if line.entry.status == "failed"]
        if failing:
            yield f"To see what is wrong: grader check {failing[0]}. After you fix it, make the archive again."
        if self.warnings:
            yield "Before you upload it:"
            yield from (f"  {sentence}" for sentence in self.warnings)
        names = ", ".join(entry.path for entry in self.manifest.files)
        yield f"Written: {self.shown}, with {names}"
        if self.questions:
            yield self.questions
        yield f"Receipt: {self.manifest.receipt}"
        yield "Upload the archive as it is, and keep the receipt: whoever gets it unchanged sees the same receipt."
        yield NOT_A_SIGNATURE


def hand_in(
    course: Course,
    request: HandInRequest,
    tell: Callable[[str], None],
    now: datetime | None = None,
) -> HandedIn:
    """Check a learner's files, and write an archive with those that are begun; their files stay as they are.

    Args:
        course: the course.
        request: what the learner wants to hand in.
        tell: gets a sentence before the checks run.
        now: the time; the current time by default.

    Raises:
        UsageError: there is nothing to hand in, or no such exercise or assignment.
        NotWritten: the archive cannot be written.
    """
    course, now = course.whole, now or datetime.now(UTC)
    selection = choose(course, request.names)
    path, earlier = place_for(selection.name, request.out, course.root)
    files = [file_of(course, exercise) for exercise in selection.exercises]
    work = work_of(course, files)
    if not work.modules:
        raise UsageError(_nothing(files, notebooks_instead(course, files)))
    # Checks take a while, so it should be known before whether the archive can be written.
    make_folder(path.parent)
    version = version_of(course)
    with with_stubs(course) as staged:
        tell(f"Running the visible checks of {len(work.modules)} exercise{'s' * (len(work.modules) != 1)} ...")
        questions = questions_of(course)
        contents = {**work.contents, **questions.contents}
        rehearsal = _rehearsal(course, staged, zip_of(contents, None, now), list(work.modules))
        about = tuple(line_about(course, file, work, rehearsal.results.get(file.name)) for file in files)
        warnings = [
            *(f"Grading says: {note}" for note in rehearsal.notes),
            *_about_checks(rehearsal),
            *cautions(course, staged, selection, files, work, now),
            *_about_earlier(version, earlier),
            *([questions.problem] if questions.problem else []),
        ]
    manifest = with_receipt(
        Manifest(
            schema=MANIFEST_SCHEMA,
            course=version,
            assignment=selection.assignment,
            created=now.astimezone(UTC).replace(microsecond=0),
            grader=__version__,
            files=[file_entry(name, content) for name, content in contents.items()],
            exercises={line.exercise: line.entry for line in about},
        )
    )
    write_archive(path, zip_of(contents, encoded(manifest), now))
    return HandedIn(path, shown(course, path), selection, manifest, about, tuple(warnings), questions.about)


def _nothing(files: Sequence[LearnerFile], notebooks: Sequence[str]) -> str:
    """Say why an archive would be empty."""
    unusable = [in_the_file(file) for file in files if file.problem]
    if unusable:
        return f"Nothing to hand in: {unusable[0]}. Fix that, and run the same command again."
    if notebooks:
        return f"Nothing to hand in: notebooks such as {notebooks[0]} aren't packed. Hand in the notebooks themselves."
    names = ", ".join(file.shown for file in files)
    return f"Nothing to hand in: nothing is written in {names} yet. To see what you have begun: grader progress"


def _rehearsal(course: Course, staged: Course, archive: bytes, exercises: Sequence[str]) -> Rehearsal:
    with tempfile.TemporaryDirectory(prefix="hand-in-") as folder:
        path = Path(folder) / "archive.zip"
        with writing(path):
            path.write_bytes(archive)
        return rehearse(course, staged, path, exercises)


def _about_checks(rehearsal: Rehearsal) -> list[str]:
    if not rehearsal.problem:
        return []
    return [f"The visible checks could not be run here, but the archive has your files: {rehearsal.problem}"]


def _about_earlier(version: CourseVersion, earlier: Path | None) -> Iterator[str]:
    """Say that an earlier archive was kept, and whether the course has changed since."""
    if earlier is None:
        return
    yield f"{earlier.name} was kept. Upload only the new archive."
    receipts = receipts_of_submission(earlier, version)
    if receipts and receipts[0].remarks:
        yield f"{earlier.name}: {receipts[0].remarks[0]} Your course has changed since, so read what is new in it."
