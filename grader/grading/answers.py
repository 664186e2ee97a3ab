"""Chooses the files of a submission that are graded: by their names, by what they define, and by where they are.

Nothing is executed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.course import COURSE_FILE, Course
from grader.grading.answer_folder import AnswerFolder
from grader.grading.encodings import in_utf8
from grader.grading.handed_in import (
    DISGUISES,
    INNER_FOLDER,
    MAX_FILE,
    MAX_NOTEBOOK,
    MODULE,
    NOTEBOOK,
    OTHER_ARCHIVES,
    Files,
    HandedIn,
    Unreadable,
)
from grader.grading.helpers import imported
from grader.grading.notebook import NotANotebook, module_of, read_notebook
from grader.grading.recognition import (
    ENOUGH,
    asked_by,
    defined,
    has_own_names,
    is_about_another,
    same_name,
    share_started,
    share_written,
)
from grader.grading.statements import Cell
from grader.text import listed

ORIGINAL = ".original"
"""How the name of a notebook ends that was handed in, and whose repaired version is next to it."""
EXPECTED = (".md", ORIGINAL)
"""How the names of files end that come from the course, or are next to what is graded."""
BUNDLE = "grader.zip"
"""The archive that a notebook needs next to it to run its checks; students get it and hand it in with the notebook."""
OLD = frozenset({"old", "backup", "backups", "bak", "copy", "archive", "previous", "attempts", "alt"})
"""Folders with earlier versions, in lower case."""
MAX_UNCLAIMED = 50
MAX_NAMED = 20


@dataclass
class Answers:
    """What is graded of a submission.

    Attributes:
        sources: the bytes of each module, by exercise.
        cells: the code that each is made of.
        names: the file that each is from.
        folders: the folders that they are from, in which helpers are looked for.
        others: the other modules, which may be helpers.
        notes: a sentence about each file that was left out, or graded as something that its name doesn't say.
        not_graded: those of the notes that say that something which may be an answer was not graded.
        ignored: the names of the other files.
    """

    sources: dict[str, bytes] = field(default_factory=dict)
    cells: dict[str, Sequence[Cell]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    folders: dict[PurePosixPath, None] = field(default_factory=dict)
    others: list[HandedIn] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_graded: list[str] = field(default_factory=list)
    ignored: list[HandedIn] = field(default_factory=list)

    def lose(self, note: str) -> None:
        """Note that something which may be an answer was not graded."""
        self.notes.append(note)
        self.not_graded.append(note)


def answers_in(files: Files, course: Course) -> Answers:
    """Choose what is graded.

    A file belongs to the exercise it is named after; a notebook with another name, to the exercise in its metadata. If
    several folders have files for an exercise, the one on top counts, unless nothing is written in it. What is still
    missing is taken from the only file with another name that defines it.

    Args:
        files: the submission's files.
        course: the course.

    Raises:
        CourseError: a stub is missing, without which a notebook can't be read.
    """
    answers = Answers()
    folders = _sort(files, course, answers)
    answers.ignored = [file for file in answers.ignored if not _is_of_the_course(file, folders, course)]
    for folder in folders.values():
        folder.finish()
        answers.notes += folder.notes
        answers.not_graded += folder.not_graded
        answers.ignored += folder.ignored
    for exercise in course.by_id:
        having = [folder for folder in folders.values() if folder.has(exercise)]
        if having:
            _from_folders(exercise, having, answers)
    _recognize(course, answers)
    _name_what_is_inside(course, answers)
    for sentence in files.lost:
        answers.lose(sentence)
    return answers


def _sort(files: Files, course: Course, answers: Answers) -> dict[PurePosixPath, AnswerFolder]:
    """Give each file that may be an answer to its folder."""
    folders: dict[PurePosixPath, AnswerFolder] = {}
    for file in files.files:
        stem, folder = file.path.stem, file.folder
        if file.kind == MODULE and stem == "__init__" and folder.name in course.by_id:
            # A package that is named after an exercise.
            stem, folder = folder.name, folder.parent
        is_named = file.kind == MODULE and stem in course.by_id
        if is_named or file.kind == NOTEBOOK:
            folders.setdefault(folder, AnswerFolder(folder, course)).read(file, stem)
        elif file.kind == MODULE and stem == "__init__" and _is_blank(file):
            continue
        elif file.kind == MODULE:
            answers.others.append(file)
        elif file.kind in OTHER_ARCHIVES:
            answers.lose(f"{file.shown} was not opened. Ask for the files themselves, or for a .zip.")
        elif not (file.name in (BUNDLE, COURSE_FILE) or file.path.suffix in EXPECTED):
            answers.ignored.append(file)
    return folders


def _is_blank(file: HandedIn) -> bool:
    try:
        return not file.content(MAX_FILE).strip()
    except Unreadable:
        return False


def _is_of_the_course(file: HandedIn, folders: Mapping[PurePosixPath, AnswerFolder], course: Course) -> bool:
    """Say whether a file is next to `exercises/`, as in a copy of the course, and has the name of one of its files."""
    return file.folder / INNER_FOLDER in folders and (course.root / file.path.name).is_file()


def _rank(folder: AnswerFolder) -> tuple[int, bool, bool]:
    """Return what makes a folder count more than another: it is further up, isn't old, or is called `exercises`."""
    parts = folder.path.parts
    return len(parts), any(part.lower() in OLD for part in parts), folder.path.name != INNER_FOLDER


def _from_folders(exercise: str, having: Sequence[AnswerFolder], answers: Answers) -> None:
    """Take an exercise from one of the folders that have it."""
    ranked = sorted(having, key=lambda folder: (_rank(folder), str(folder.path)))
    if len(ranked) == 1:
        _take(exercise, ranked[0], answers)
        return
    shares = {folder.path: folder.share_written(exercise) for folder in ranked}
    started = [folder for folder in ranked if shares[folder.path]] or ranked[:1]
    equals = [folder for folder in started if _rank(folder) == _rank(started[0])]
    most = max(shares[folder.path] for folder in equals)
    best = [folder for folder in equals if shares[folder.path] == most]
    if len({folder.content(exercise) for folder in best}) > 1:
        names = listed([folder.name_of(exercise) for folder in best], MAX_NAMED)
        answers.lose(f"There are several versions of `{exercise}`, so none was graded: {names}. Keep one of them.")
        return
    _take(exercise, best[0], answers)
    for folder in started:
        if folder.content(exercise) != best[0].content(exercise):
            answers.lose(f"{folder.name_of(exercise)} was ignored: {best[0].name_of(exercise)} is graded instead.")


def _take(exercise: str, folder: AnswerFolder, answers: Answers) -> None:
    source, notes = folder.answer(exercise)
    answers.sources[exercise] = source
    answers.cells[exercise] = folder.cells(exercise)
    answers.names[exercise] = folder.name_of(exercise)
    answers.folders |= dict.fromkeys(
        [folder.path, folder.path / exercise] if exercise in folder.packages else [folder.path]
    )
    answers.notes += notes


@dataclass(frozen=True)
class _Unclaimed:
    """A file with another name than an exercise's: its content, and the code in it."""

    file: HandedIn
    data: bytes
    cells: tuple[Cell, ...]
    is_notebook: bool = False


def _recognize(course: Course, answers: Answers) -> None:
    """Take what is missing from files with other names, if for an exercise there is exactly one such file."""
    helpers = imported(answers.sources.values())
    missing = course.by_id.keys() - answers.sources.keys()
    # A module that others import may be an answer, too, if its name says so.
    files = [
        file
        for file in answers.others
        if file.path.stem not in helpers or any(same_name(file.path.stem, exercise) for exercise in missing)
    ]
    files += [file for file in answers.ignored if file.kind in (NOTEBOOK, *DISGUISES)]
    unclaimed = [each for file in files[:MAX_UNCLAIMED] if (each := _read(file)) is not None]
    used: list[HandedIn] = []
    stubs = {exercise: course.stubs / f"{exercise}{MODULE}" for exercise in course.by_id}
    for exercise, stub in stubs.items():
        defining = [
            each
            for each in unclaimed
            if share_written(exercise, each.cells, stub) >= ENOUGH and has_own_names(exercise, each.cells, stubs)
        ]
        alike = [each for each in unclaimed if each in defining or _is_called(each.file, exercise)]
        if not alike:
            continue
        used += [each.file for each in alike]
        if exercise in answers.sources and (not defining or share_started(exercise, answers.cells[exercise], stub)):
            for each in alike:
                if each.data != answers.sources[exercise]:
                    note = f"{each.file.shown} was ignored: {answers.names[exercise]} is graded instead."
                    (answers.lose if _is_called(each.file, exercise) else answers.notes.append)(note)
            continue
        # A class may have the same name in two exercises, and a file that is about the other one defines it, too.
        its_own = [each for each in defining if not is_about_another(exercise, each.cells, stubs)]
        candidates = {each.data: each for each in reversed(its_own or defining or alike)}
        if len(candidates) > 1:
            names = listed(sorted(each.file.shown for each in candidates.values()), MAX_NAMED)
            answers.lose(
                f"Several files may be for `{exercise}`, so none was graded: {names}. "
                f"Name the one that counts {exercise}{MODULE}."
            )
            continue
        (chosen,) = candidates.values()
        answers.sources[exercise], notes = _made_of(chosen, exercise, stub)
        answers.cells[exercise], answers.names[exercise] = chosen.cells, chosen.file.shown
        answers.folders[chosen.file.folder] = None
        why = (
            f"it defines {defined(asked_by(stub), chosen.cells)}"
            if chosen in defining
            else "it has nearly the same name"
        )
        answers.notes.append(f"{chosen.file.shown} was graded as {exercise}{MODULE}, because {why}.")
        answers.notes += notes
    answers.others = [file for file in answers.others if file not in used or file.path.stem in helpers]
    answers.ignored = [file for file in answers.ignored if file not in used]


def _is_called(file: HandedIn, exercise: str) -> bool:
    """Say whether a module or notebook has nearly the name of an exercise."""
    return file.kind in (MODULE, NOTEBOOK) and same_name(file.path.stem, exercise)


def _read(file: HandedIn) -> _Unclaimed | None:
    """Read a file that may be recognized; None if it can't be read, so that it is only named."""
    try:
        data = file.content(MAX_NOTEBOOK if file.kind == NOTEBOOK else MAX_FILE)
        if file.kind == NOTEBOOK or (file.kind != MODULE and data.lstrip().startswith(b"{")):
            return _Unclaimed(file, data, read_notebook(data).cells, is_notebook=True)
    except (Unreadable, NotANotebook):
        return None
    data, _ = in_utf8(data)
    return _Unclaimed(file, data, (Cell(file.name, data.decode("utf-8", "replace")),))


def _made_of(chosen: _Unclaimed, exercise: str, stub: Path) -> tuple[bytes, list[str]]:
    """Return the module that a file gives, and what there is to say about it."""
    if not chosen.is_notebook:
        return chosen.data, []
    module = module_of(chosen.cells, stub.read_text(encoding="utf-8"), exercise)
    return module.text.encode("utf-8", "replace"), [f"{chosen.file.shown}: {note}" for note in module.notes]


def _name_what_is_inside(course: Course, answers: Answers) -> None:
    """Name complete answers for missing exercises inside the files of others, which need not be meant as answers."""
    for exercise in [name for name in course.by_id if name not in answers.sources]:
        stub = course.stubs / f"{exercise}{MODULE}"
        for other, cells in answers.cells.items():
            if exercise not in course.all_needs(other) and share_written(exercise, cells, stub) == 1.0:
                answers.lose(
                    f"{answers.names[other]} also contains `{exercise}`, for which there is no file, so that part was "
                    f"not graded. Hand it in as {exercise}{MODULE}, too."
                )
