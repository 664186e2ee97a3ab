"""`nbgrader export`: the table of grades, in which a grade that is withheld or not there yet is an empty cell.

nbgrader's own table has 0 for everything without a score in the gradebook, even if something was handed in.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins.export import CsvExportPlugin

from grader.notebooks.service import SUBMITTED
from grader.notebooks.withheld import is_withheld

COLUMNS = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email")
SCORES = ("raw_score", "late_submission_penalty", "score")


class GradesTable(CsvExportPlugin):
    """Writes nbgrader's table of grades."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to the file that `--to` names, for the students and assignments that were named."""
        root = Path(self.parent.coursedir.root)
        students, assignments = {str(name) for name in self.student}, {str(name) for name in self.assignment}
        with Path(self.to or "grades.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, [*COLUMNS, *SCORES, "max_score"], lineterminator="\n")
            table.writeheader()
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    asked = not assignments or assignment.name in assignments
                    if asked and (not students or student.id in students):
                        table.writerow(_row(root, gradebook, assignment, student))


def _row(root: Path, gradebook: Gradebook, assignment: Assignment, student: Student) -> dict[str, Any]:
    row: dict[str, Any] = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        handed_in = (root / SUBMITTED / student.id / assignment.name).is_dir()
        return row | {"timestamp": "", **dict.fromkeys(SCORES, "" if handed_in else 0.0)}
    if is_withheld(root, assignment.name, student.id):
        return row | {"timestamp": submission.timestamp, **dict.fromkeys(SCORES, "")}
    penalty = submission.late_submission_penalty or 0.0
    scores = (submission.score, penalty, max(0.0, submission.score - penalty))
    return row | {"timestamp": submission.timestamp, **dict(zip(SCORES, scores, strict=True))}
