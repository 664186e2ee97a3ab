"""The files in one folder of a submission that are named after exercises, and what is graded of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.course import Course
from grader.errors import CourseError
from grader.grading.choice import NotebookFile, choose, remarks_on_module
from grader.grading.encodings import in_utf8
from grader.grading.handed_in import MAX_FILE, MAX_NOTEBOOK, MODULE, NOTEBOOK, HandedIn, Unreadable, shown
from grader.grading.notebook import NotANotebook, read_notebook
from grader.grading.recognition import share_started
from grader.grading.statements import Cell


@dataclass
class AnswerFolder:
    """The answers in a folder.

    Attributes:
        path: the folder, in the submission.
        course: the course.
        modules: the modules by their exercise.
        notebooks: the notebooks by their exercise.
        packages: the exercises whose module is the `__init__.py` of a package.
        written: for each module that a notebook writes to a file, the notebook's name, and the cell with its text.
        ignored: notebooks that are for no exercise.
        notes: a sentence about each file that was ignored or taken from elsewhere.
        not_graded: those of the notes that say that something which may be an answer was not graded.
    """

    path: PurePosixPath
    course: Course
    modules: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, list[NotebookFile]] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    written: dict[str, tuple[str, Cell]] = field(default_factory=dict)
    ignored: list[HandedIn] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_graded: list[str] = field(default_factory=list)

    def read(self, file: HandedIn, stem: str) -> None:
        """Read a notebook, or the module of the exercise `stem`; what can't be read gets a note."""
        try:
            data = file.content(MAX_NOTEBOOK if file.kind == NOTEBOOK else MAX_FILE)
            if file.kind == NOTEBOOK:
                self._read_notebook(file, data)
            elif stem == file.path.stem or (stem not in self.modules and data.strip()):
                self._read_module(file, data, stem)
        except (Unreadable, NotANotebook) as problem:
            self.notes.append(f"{file.shown} was ignored: it is {problem}.")
            self.not_graded.append(self.notes[-1])

    def finish(self) -> None:
        """Decide about modules in notebooks and empty notebooks, after the last file was read."""
        for exercise in sorted(self.written.keys() - self.modules.keys()):
            notebook, cell = self.written[exercise]
            self.modules[exercise] = cell.text.encode("utf-8", "replace")
            self.notes.append(f"{exercise}{MODULE} is in {cell.label} of {notebook}, which writes it.")
        for exercise in sorted(self.notebooks.keys() - self.modules.keys()):
            if not any(file.notebook.has_code for file in self.notebooks[exercise]):
                empty = self.notebooks.pop(exercise)
                self.notes += [f"{file.name} was ignored: it contains no code." for file in empty]

    def has(self, exercise: str) -> bool:
        """Say whether there is something for an exercise."""
        return exercise in self.modules or exercise in self.notebooks

    def name_of(self, exercise: str) -> str:
        """Return the name of the file for an exercise, with its folder."""
        if exercise in self.notebooks:
            return shown(str(self.path / self.notebooks[exercise][0].name))
        name = f"{exercise}/__init__{MODULE}" if exercise in self.packages else f"{exercise}{MODULE}"
        return shown(str(self.path / name))

    def cells(self, exercise: str) -> list[Cell]:
        """Return all code for an exercise."""
        cells = [cell for file in self.notebooks.get(exercise, []) for cell in file.notebook.cells]
        if exercise in self.modules:
            cells.append(Cell(f"{exercise}{MODULE}", self.modules[exercise].decode("utf-8", "replace")))
        return cells

    def content(self, exercise: str) -> tuple[str, ...]:
        """Return what distinguishes this folder's answer to an exercise from that of another folder."""
        return tuple(cell.text for cell in self.cells(exercise))

    def share_written(self, exercise: str) -> float:
        """Return the share of an exercise that is written here, and more than 0 for a module that isn't the stub.

        Its parts may have other names. Without a stub, any code counts.
        """
        stub = self.course.stubs / f"{exercise}{MODULE}"
        if not stub.is_file():
            return float(any(text.strip() for text in self.content(exercise)))
        return share_started(exercise, self.cells(exercise), stub)

    def answer(self, exercise: str) -> tuple[bytes, list[str]]:
        """Return the module that is graded for an exercise, and a sentence about each thing that was left out.

        Raises:
            CourseError: the stub is missing, without which a notebook can't be read.
        """
        if exercise not in self.notebooks:
            return self.modules[exercise], list(remarks_on_module(exercise, self.modules[exercise]))
        stub = self.course.stubs / f"{exercise}{MODULE}"
        if not stub.is_file():
            raise CourseError(f"The stub {stub} is missing, and grading a notebook needs it. Run: grader build")
        choice = choose(
            exercise, self.notebooks[exercise], self.modules.get(exercise), stub.read_text(encoding="utf-8")
        )
        return choice.source, list(choice.notes)

    def _read_module(self, file: HandedIn, data: bytes, exercise: str) -> None:
        self.modules[exercise], encoding = in_utf8(data)
        if encoding:
            self.notes.append(
                f"{file.shown} is saved in {encoding}, which Python can't read. It was graded all the same. "
                "Save it as UTF-8."
            )
        if file.path.stem == exercise:
            self.packages.discard(exercise)
        else:
            self.packages.add(exercise)

    def _read_notebook(self, file: HandedIn, data: bytes) -> None:
        notebook = read_notebook(data)
        if notebook.is_made:
            return
        stem = file.path.stem
        exercise = stem if stem in self.course.by_id else notebook.exercise
        written = {
            name: cell for name, cell in notebook.modules_written() if name in self.course.by_id and name != exercise
        }
        self.written |= {name: (file.name, cell) for name, cell in written.items()}
        if exercise in self.course.by_id:
            named = NotebookFile(file.name, notebook.without_modules(written))
            self.notebooks.setdefault(exercise, []).append(named)
        elif not written:
            self.ignored.append(file)
