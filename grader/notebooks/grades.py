"""`nbgrader export`: the table of grades, in which a grade that is withheld is an empty cell.

nbgrader's own writes 0 for every submission that isn't in its gradebook, also where something was handed in that the
grader failed on.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins.export import CsvExportPlugin

from grader.notebooks.withheld import withheld

COLUMNS = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email")
SCORES = ("raw_score", "late_submission_penalty", "score")


class GradesTable(CsvExportPlugin):
    """Writes nbgrader's table of grades."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to the file that `--to` names, for the students and assignments that were named."""
        held = withheld(Path(self.parent.coursedir.root))
        students, assignments = {str(name) for name in self.student}, {str(name) for name in self.assignment}
        with Path(self.to or "grades.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, [*COLUMNS, *SCORES, "max_score"], lineterminator="\n")
            table.writeheader()
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    asked = not assignments or assignment.name in assignments
                    if asked and (not students or student.id in students):
                        row = _row(gradebook, assignment, student)
                        if student.id in held.get(assignment.name, []):
                            row |= dict.fromkeys(SCORES, "")
                        table.writerow(row)


def _row(gradebook: Gradebook, assignment: Assignment, student: Student) -> dict[str, Any]:
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
        return row | {"timestamp": "", **dict.fromkeys(SCORES, 0.0)}
    penalty = submission.late_submission_penalty or 0.0
    scores = (submission.score, penalty, max(0.0, submission.score - penalty))
    return row | {"timestamp": submission.timestamp, **dict(zip(SCORES, scores, strict=True))}
