"""A table for mail merge, and a folder with the reports that it names: feedback for people whom no platform serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import CollectError
from grader.grading.results import Results, SubmissionResult
from grader.reports.feedback import REPORTS_FOLDER, file_name
from grader.reports.marking.template import read_results
from grader.reports.members import report_name, view_of
from grader.reports.roster import Person, Roster, read_roster
from grader.reports.score_in_words import in_points
from grader.tables import table_text
from grader.text import listed, printable
from grader.writing import make_folder, write_report

TABLE, FILES = "mail.csv", "mail"
"""The table, and the folder of the files next to it."""
HEADS = ("email", "name", "first_name", "submission", "score", "max_score", "subject", "attachment", "path")
MAX_NAMED = 20


@dataclass(frozen=True)
class Mailing:
    """A table for mail merge that was written.

    Attributes:
        table: the table.
        count: the number of people in it.
        without_email: the people without an email address, who are not in it.
        without_report: the submissions that have no report.
    """

    table: Path
    count: int
    without_email: tuple[str, ...]
    without_report: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Say whether everybody's feedback is in the table."""
        return not self.without_email and not self.without_report

    def lines(self) -> Iterator[str]:
        """Yield what the instructor should read."""
        what = f"{self.count} email{'s' * (self.count != 1)}"
        yield f"{what} to send in {self.table}, with the files to attach in {self.table.parent / FILES}."
        yield "Columns for a mail merge: email, subject, attachment (its path on this computer is in the column path)."
        if self.without_report:
            yield f"No report of {listed(self.without_report, MAX_NAMED)}. Grade again, and then run the same command."
        if self.without_email:
            yield (
                f"Not in the table, because the roster has no email address: {listed(self.without_email, MAX_NAMED)}. "
                "Add it in the column email, or name the roster: --roster FILE.csv"
            )


def write_mailing(folder: Path, graded: Path, roster: Path) -> Mailing:
    """Write the table and the files.

    Args:
        folder: where both are written; an earlier table is replaced.
        graded: the folder that `grader grade` wrote.
        roster: the roster with the email addresses.

    Raises:
        CollectError: there is no roster.
        RosterError: the roster cannot be used.
        UsageError: there are no results.
        NotWritten: a file cannot be written.
    """
    if not roster.is_file():
        raise CollectError(f"{roster} doesn't exist. Name the table with the email addresses: --roster FILE.csv")
    results = read_results(graded / "results.json")
    people, _ = read_roster(roster).settled([submission.id for submission in results.submissions])
    make_folder(folder / FILES)
    rows: list[Sequence[str]] = []
    without_email: list[str] = []
    without_report: list[str] = []
    for submission, person in _everybody(results, people):
        report = _report(graded / REPORTS_FOLDER, report_name(submission, person))
        if report is None:
            without_report.append(submission.id)
        elif "@" not in person.email:
            without_email.append(person.name or submission.id)
        else:
            path = folder / FILES / report.name
            write_report(path, report.read_bytes())
            rows.append(_row(results, submission, person, path))
    write_report(folder / TABLE, "\ufeff" + table_text([HEADS, *rows]))
    return Mailing(folder / TABLE, len(rows), tuple(without_email), tuple(dict.fromkeys(without_report)))


def _everybody(results: Results, roster: Roster) -> Iterator[tuple[SubmissionResult, Person]]:
    for submission in results.submissions:
        for person in roster.people_of(submission.id):
            yield submission, person


def _row(results: Results, submission: SubmissionResult, person: Person, path: Path) -> list[str]:
    name = printable(person.name)
    # "Example, Ann" in some rosters.
    first = name.partition(", ")[2] if ", " in name else name
    return [
        printable(person.email),
        name,
        first.partition(" ")[0],
        submission.id,
        in_points(view_of(submission, person).final_score),
        in_points(submission.max_score),
        printable(f"Feedback: {results.course.title}"),
        f"{FILES}/{path.name}",
        str(path.resolve()),
    ]


def _report(reports: Path, name: str) -> Path | None:
    """Return a report, as a page if there is one."""
    pages = [reports / file_name(name, suffix) for suffix in (".html", ".md")]
    return next((page for page in pages if page.is_file()), None)
