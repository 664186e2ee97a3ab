"""Packs the students' reports into an archive that the platform takes, so that everyone finds their feedback there."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.collect.mailing import Mailing, write_mailing
from grader.collect.records import RECORDS_FILE, Returns, read_records
from grader.errors import CollectError, UnknownFormat
from grader.files import reason, write_whole
from grader.reports.feedback import REPORTS_FOLDER, file_name
from grader.text import listed

ROSTER = "roster.csv"
GRADED = "graded"
"""The folder with results that `grader collect` proposes."""
MAX_NAMED = 20
TIMELESS = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, so that the same reports always give the same archive."""
UPLOAD = {
    "canvas": "In Canvas, upload it in the gradebook: the assignment's menu, Re-Upload Submissions.",
    "moodle": "In Moodle, upload it in the assignment: Submissions, Upload multiple feedback files in a zip. The "
    "assignment must allow feedback files.",
}
BY_EMAIL = "grader return --format mail"
INSTEAD = {
    "blackboard": f"Blackboard takes no archive of feedback. Send the reports by email: {BY_EMAIL}",
    "gradescope": "Gradescope takes no archive of feedback. Grade there (docs/reports.md, --format gradescope), or "
    f"send the reports by email: {BY_EMAIL}",
    "github": "GitHub Classroom takes no archive of feedback. Commit the reports to the repositories, or send them by "
    f"email: {BY_EMAIL}",
}


@dataclass(frozen=True)
class ReturnOptions:
    """What is packed.

    Attributes:
        graded: the folder that `grader grade` wrote; None is `graded` in the collected folder.
        assignment: whose download the feedback is for; None is the last one that was collected.
        format: `platform` for an archive, or `mail` for a table for mail merge.
        roster: the roster with the email addresses, for mail; None is the one in the collected folder.
    """

    graded: Path | None = None
    assignment: str | None = None
    format: str = "platform"
    roster: Path | None = None


@dataclass(frozen=True)
class Packed:
    """An archive of feedback.

    Attributes:
        path: the archive.
        platform: the platform that takes it.
        people: the number of files in it.
        without_name: the submissions that the platform can't find by a file's name.
        without_report: the submissions that have no report.
        own: the reports of single members of groups, for whom the platform gets only the group's.
    """

    path: Path
    platform: str
    people: int
    without_name: tuple[str, ...]
    without_report: tuple[str, ...]
    own: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Say whether the feedback of every submission is in the archive."""
        return not self.without_name and not self.without_report

    def lines(self) -> Iterator[str]:
        """Yield what the instructor should read."""
        yield f"{self.people} files with feedback in {self.path}. {UPLOAD[self.platform]}"
        if self.own:
            yield f"Send these yourself, because their members have marks of their own: {listed(self.own, MAX_NAMED)}."
        if self.without_report:
            yield f"No report of {listed(self.without_report, MAX_NAMED)}. Grade again, and then run the same command."
        if self.without_name:
            yield (
                "Not in the archive, because the platform has no file of theirs to answer: "
                f"{listed(self.without_name, MAX_NAMED)}. Send them their reports."
            )


def return_to(collected: Path, options: ReturnOptions | None = None) -> Packed | Mailing:
    """Write an archive for the platform, or a table for mail merge, as the options say.

    Args:
        collected: the folder that `grader collect` wrote; for mail, any folder with a roster and graded results.
        options: what is written.

    Raises:
        GraderError: see `pack_feedback` and `write_mailing`; or there is no such format.
    """
    options = options or ReturnOptions()
    match options.format:
        case "platform":
            return pack_feedback(collected, options)
        case "mail":
            return write_mailing(collected, options.graded or collected / GRADED, options.roster or collected / ROSTER)
    raise UnknownFormat(f"There is no format `{options.format}`. Choose one of: platform, mail.")


def pack_feedback(collected: Path, options: ReturnOptions | None = None) -> Packed:
    """Write an archive with the students' reports, under the names by which the platform finds whose they are.

    Args:
        collected: the folder that `grader collect` wrote.
        options: what is packed.

    Raises:
        CollectError: nothing was collected or graded, the platform takes no archive, or it cannot be written.
    """
    options = options or ReturnOptions()
    returns, assignment = _returns(collected, options)
    if returns.platform not in UPLOAD:
        raise CollectError(INSTEAD[returns.platform])
    reports = (options.graded or collected / GRADED) / REPORTS_FOLDER
    if not reports.is_dir():
        raise CollectError(
            f"{reports} doesn't exist. Grade first, or name the folder with the results: --graded FOLDER"
        )
    people = 0
    without_name, without_report = [], []
    data = io.BytesIO()
    try:
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for submission, prefixes in sorted(returns.prefixes.items()):
                report = _report(reports, submission)
                if report is None:
                    without_report.append(submission)
                elif not prefixes:
                    without_name.append(submission)
                else:
                    for prefix in prefixes:
                        entry = zipfile.ZipInfo(f"{prefix}feedback{report.suffix}", TIMELESS)
                        entry.compress_type = zipfile.ZIP_DEFLATED
                        archive.writestr(entry, report.read_bytes())
                        people += 1
        name = "-".join(part for part in ("feedback", returns.platform, assignment) if part)
        path = collected / f"{name}.zip"
        write_whole(path, data.getvalue())
    except OSError as error:
        raise CollectError(f"The archive cannot be written ({reason(error)}). Make space, and run it again.") from None
    return Packed(path, returns.platform, people, tuple(without_name), tuple(without_report), _own(reports, returns))


def _own(reports: Path, returns: Returns) -> tuple[str, ...]:
    """List the reports of single members of groups."""
    beginnings = tuple(f"{submission}, " for submission in returns.prefixes)
    names = sorted(path.name for path in reports.iterdir() if path.suffix == ".html")
    return tuple(name for name in names if name.startswith(beginnings))


def _returns(collected: Path, options: ReturnOptions) -> tuple[Returns, str]:
    """Return how feedback goes back, and for which assignment."""
    if not (collected / RECORDS_FILE).is_file():
        raise CollectError(f"{collected} isn't a folder that `grader collect` wrote. Name that folder.")
    returns = read_records(collected).returns
    if not returns:
        raise CollectError(f"Nothing was collected into {collected} yet. Run: grader collect DOWNLOAD")
    assignment = list(returns)[-1] if options.assignment is None else options.assignment
    if assignment not in returns:
        names = ", ".join(name or "(no assignment)" for name in returns)
        raise CollectError(f"Nothing was collected for `{assignment}`. Choose one of: {names}.")
    return returns[assignment], assignment


def _report(reports: Path, submission: str) -> Path | None:
    """Return a submission's report, as a page if there is one."""
    pages = [reports / file_name(submission, suffix) for suffix in (".html", ".md")]
    return next((page for page in pages if page.is_file()), None)
