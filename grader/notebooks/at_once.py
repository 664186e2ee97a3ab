"""nbgrader's own steps, with one query to its gradebook per notebook instead of one per cell."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, GradeCell, SourceCell, TaskCell
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor, OverwriteCells, SaveAutoGrades

from grader.notebooks.preprocess import Converted, grade_cells
from grader.wire.switches import is_off


class OneNotebook(Gradebook):
    """A gradebook that has loaded the cells of one notebook.

    Args:
        about: nbgrader's names for it: `db_url`, `assignment`, `notebook`.
    """

    def __init__(self, about: dict[str, Any]) -> None:
        super().__init__(about["db_url"])
        self.notebook = self.find_notebook(about["notebook"], about["assignment"])
        self._sources = {cell.name: cell for cell in self.notebook.source_cells}
        self.graded = {cell.name: cell for cell in [*self.notebook.task_cells, *grade_cells(self.notebook)]}

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        return self._sources.get(name) or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> GradeCell | TaskCell:
        return self.graded.get(name) or super().find_graded_cell(name, notebook, assignment)


class OneSubmission(OneNotebook):
    """A gradebook that has also loaded one student's grades and comments for the cells of a notebook.

    Args:
        about: nbgrader's names for the notebook, and `student`.
    """

    def __init__(self, about: dict[str, Any]) -> None:
        super().__init__(about)
        names = {cell.id: cell.name for cell in [*self.graded.values(), *self.notebook.solution_cells]}
        submitted = self.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
        self._grades = {names[grade.cell_id]: grade for grade in submitted.grades if grade.cell_id in names}
        self._comments = {names[comment.cell_id]: comment for comment in submitted.comments if comment.cell_id in names}

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        return self._grades.get(grade_cell) or super().find_grade(grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        return self._comments.get(solution_cell) or super().find_comment(solution_cell, notebook, assignment, student)


class OverwriteAtOnce(OverwriteCells):
    """Restores locked cells, points and checksums as nbgrader does."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Converted:
        about = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.db_url = about["notebook"], about["assignment"], about["db_url"]
        with OneNotebook(about) as self.gradebook:
            # nbgrader would also add missing cells, but `RepairCells` has already done that.
            return NbGraderPreprocessor.preprocess(self, nb, resources)


class SaveAtOnce(SaveAutoGrades):
    """Saves the scores as nbgrader does, but writes to the database once per notebook, not once per cell."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Converted:
        if is_off("nbgrader_patches"):
            return super().preprocess(nb, resources)
        about = resources["nbgrader"]
        self.notebook_id, self.assignment_id = about["notebook"], about["assignment"]
        self.student_id, self.db_url = about["student"], about["db_url"]
        with OneSubmission(about) as self.gradebook:
            session = self.gradebook.db
            # This works around `SaveAutoGrades.preprocess_cell`, which commits after every cell.
            commit, session.commit = session.commit, session.flush
            try:
                for number, cell in enumerate(nb.cells):
                    self.preprocess_cell(cell, resources, number)
            finally:
                session.commit = commit
            session.commit()
        return nb, resources


class CheckMetadataOnce(CheckCellMetadata):
    """Checks cells' metadata as nbgrader does, but only once for all notebooks that have the same.

    Nearly all have the same once nbgrader has restored what it gave out, and each check would build new validators.
    """

    _valid: ClassVar[set[str]] = set()

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Converted:
        marks = [(cell.cell_type, cell.metadata.get("nbgrader")) for cell in nb.cells]
        key = json.dumps(marks, sort_keys=True, default=repr)
        if key not in self._valid:
            nb, resources = super().preprocess(nb, resources)
            self._valid.add(key)
        return nb, resources
