"""Writing the files of a grading run."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course, incomplete, narrowed
from grader.errors import UnknownFormat, UsageError
from grader.extras import is_installed, not_installed
from grader.grading.results import Results
from grader.reports import exports
from grader.reports.anonymous import NAMES_FILE, Mask, names_table
from grader.reports.changes import changes, read_earlier
from grader.reports.feedback import REPORTS_FOLDER, RESULTS_FILE, report_path, write_feedback, write_results
from grader.reports.likeness import Likeness, compare
from grader.reports.members import own_reports, unknown_members
from grader.reports.questions import QUESTIONS_FILE, questions_table
from grader.reports.roster import Roster, read_roster
from grader.text import listed
from grader.writing import make_folder, write_report

GRADES_FILE, CLASS_FILE, ALIKE_FILE = "grades.csv", "class.html", "alike.csv"
FORMATS = ("canvas", "gradescope", "junit", "moodle")
MAX_NAMED = 10

NOT_COMPARED = Likeness(
    remarks=("The submissions were not compared, because their folder was not given.",), compared=False
)


@dataclass(frozen=True)
class ReportOptions:
    """The optional reports: more formats, the roster, pages for markers, and whether the instructor's have names."""

    formats: tuple[str, ...] = ()
    roster: Roster = field(default_factory=Roster)
    marking: bool = False
    anonymous: bool = False

    @classmethod
    def of(
        cls, formats: Sequence[str], roster: Path | None, marking: bool = False, anonymous: bool = False
    ) -> ReportOptions:
        """Check the options, before any work is done.

        Raises:
            UnknownFormat: there is no such format.
            RosterError: the roster cannot be used.
        """
        for name in formats:
            if name not in FORMATS:
                raise UnknownFormat(f"There is no format `{name}`. Choose one of: {', '.join(FORMATS)}.")
        return cls(
            tuple(dict.fromkeys(formats)),
            Roster() if roster is None else read_roster(roster),
            marking or anonymous,
            anonymous,
        )


@dataclass(frozen=True)
class Written:
    """The files that were written.

    Attributes:
        paths: the files, `results.json` first.
        changes: lines that say whose score changed since the earlier run in this folder, and why.
        remarks: sentences for the instructor, such as who is missing from the roster, or which package isn't installed.
    """

    paths: tuple[Path, ...]
    changes: tuple[str, ...]
    remarks: tuple[str, ...]

    def summary(self, folder: Path) -> str:
        """List the files in the folder itself, and count those in its subfolders."""
        names = [path.name for path in self.paths if path.parent == folder]
        inner = Counter(path.parent.name for path in self.paths if path.parent != folder)
        return ", ".join([*names, *(f"{count} files in {name}/" for name, count in inner.items())])


def write_all(
    course: Course,
    results: Results,
    folder: Path,
    modules: Mapping[str, Mapping[str, bytes]] | None,
    order: ReportOptions,
) -> Written:
    """Write results, grades and everybody's feedback, and for more than one submission a page about the class.

    Args:
        course: the course.
        results: the results of grading.
        folder: the folder for the files.
        modules: the modules of each submission, by submission and exercise id, which are compared with each other for
            the page about the class; None compares nothing.
        order: the optional reports.

    Raises:
        UsageError: the results are of another course.
        NotWritten: a file cannot be written. `results.json` is then the one of the earlier run.
    """
    course = course_of(course, results)
    roster, about_groups = order.roster.settled([submission.id for submission in results.submissions])
    order = dataclasses.replace(order, roster=roster)
    changed = tuple(changes(read_earlier(folder / RESULTS_FILE), results))
    paths, more_remarks = _write_reports(course, results, folder, modules, order)
    # Last, because it replaces the scores that the next run compares its own with: if a report can't be written, the
    # next run still says what has changed.
    write_results(results, folder)
    remarks = (*about_groups, *unknown_members(results, roster), *more_remarks, *left_over(folder, paths))
    return Written((folder / RESULTS_FILE, *paths), changed, remarks)


def _write_reports(
    course: Course,
    results: Results,
    folder: Path,
    modules: Mapping[str, Mapping[str, bytes]] | None,
    order: ReportOptions,
) -> tuple[list[Path], list[str]]:
    """Write everything but `results.json`; return the paths, and sentences for the instructor."""
    paths = write_feedback(course, results, folder, order.roster)
    remarks = [*_about_parts(course, order), *_about_roster(results, order)]
    paths.append(folder / GRADES_FILE)
    # A byte order mark tells spreadsheets that this is UTF-8; the files for other systems have none.
    write_report(paths[-1], "\ufeff" + exports.grades(course, results, order.roster))
    for name, make in (("canvas", exports.canvas), ("moodle", exports.moodle)):
        if name in order.formats:
            paths.append(folder / f"{name}.csv")
            write_report(paths[-1], make(course, results, order.roster))
    if "junit" in order.formats:
        paths.append(folder / "junit.xml")
        write_report(paths[-1], exports.junit(course, results))
    if "gradescope" in order.formats:
        make_folder(folder / "gradescope")
        for submission in results.submissions:
            paths.append(report_path(folder / "gradescope", submission.id, ".json"))
            write_report(paths[-1], exports.gradescope(course, submission))
    if any(submission.questions for submission in results.submissions) or (folder / QUESTIONS_FILE).exists():
        paths.append(folder / QUESTIONS_FILE)
        write_report(paths[-1], "\ufeff" + questions_table(results, order.roster))
    likeness = NOT_COMPARED if modules is None else compare(course, modules, results)
    is_class = len(results.submissions) > 1
    if is_class and modules is not None:
        remarks += likeness.remarks
    if likeness.compared and is_class:
        paths.append(folder / ALIKE_FILE)
        write_report(paths[-1], "\ufeff" + exports.alike(likeness, order.roster))
    else:
        # A table of an earlier run would name people whose code has changed since.
        (folder / ALIKE_FILE).unlink(missing_ok=True)
    if not is_installed("jinja2"):
        no_pages = not_installed("No HTML pages were written: they need", "jinja2", "reports")
        return paths, [*remarks, no_pages]
    from grader.reports.html import student_page

    for submission in results.submissions:
        paths.append(report_path(folder / REPORTS_FOLDER, submission.id, ".html"))
        write_report(paths[-1], student_page(course, submission, order.roster, results.course.graded_with))
        for name, own in own_reports(submission, order.roster).items():
            paths.append(report_path(folder / REPORTS_FOLDER, name, ".html"))
            write_report(paths[-1], student_page(course, own, order.roster, results.course.graded_with))
    paths += _write_instructors_pages(course, results, folder, modules or {}, order, likeness)
    return paths, remarks


def _write_instructors_pages(
    course: Course,
    results: Results,
    folder: Path,
    modules: Mapping[str, Mapping[str, bytes]],
    order: ReportOptions,
    likeness: Likeness,
) -> list[Path]:
    """Write the page about the class, and a page for each submission for whoever marks it; return the paths."""
    from grader.reports.html import class_page
    from grader.reports.marking.page import MARKING_FOLDER, Neighbors, marking_page

    roster, paths = order.roster, []
    if order.anonymous:
        mask = Mask.of(course, [submission.id for submission in results.submissions], roster)
        paths.append(folder / NAMES_FILE)
        write_report(paths[-1], "\ufeff" + names_table(mask, results, roster))
        modules = {mask.names[name]: sources for name, sources in modules.items()}
        results, roster, likeness = mask.results(results), Roster(), mask.likeness(likeness)
    ids = [submission.id for submission in results.submissions]
    if order.marking:
        make_folder(folder / MARKING_FOLDER)
        for number, submission in enumerate(results.submissions):
            paths.append(report_path(folder / MARKING_FOLDER, submission.id, ".html"))
            sources = modules.get(submission.id, {})
            write_report(paths[-1], marking_page(course, submission, sources, roster, Neighbors.of(ids, number)))
    if len(ids) > 1:
        paths.append(folder / CLASS_FILE)
        pages = MARKING_FOLDER if order.marking else REPORTS_FOLDER
        write_report(paths[-1], class_page(course, results, roster, likeness, pages))
    return paths


def left_over(folder: Path, written: Sequence[Path]) -> list[str]:
    """Say which files of earlier runs are still in the folder, although this run didn't write them."""
    tables = [CLASS_FILE, NAMES_FILE, *(f"{name}.csv" for name in ("canvas", "moodle")), "junit.xml"]
    old = [name for name in tables if (folder / name).is_file() and folder / name not in written]
    folders = {REPORTS_FOLDER: (".md", ".html"), "gradescope": (".json",), "marking": (".html",)}
    for inner, suffixes in folders.items():
        if (folder / inner).is_dir():
            files = sorted(path for path in (folder / inner).iterdir() if path.suffix in suffixes)
            old += [f"{inner}/{path.name}" for path in files if path not in written]
    if not old:
        return []
    return [
        f"Left from an earlier run, so not up to date: {listed(old, MAX_NAMED)} (in {folder}). Delete what you no "
        "longer need."
    ]


def course_of(course: Course, results: Results) -> Course:
    """Return the part of a course that was graded.

    Raises:
        UsageError: the results are of another course.
    """
    names = {name for submission in results.submissions for name in submission.exercises}
    if unknown := sorted(names - course.by_id.keys()):
        raise UsageError(
            f"The results have exercises that {course.file.name} doesn't have: {listed(unknown, MAX_NAMED)}. Write the "
            "reports with the course that was graded."
        )
    return narrowed(course, names) if names else course


def _about_parts(course: Course, order: ReportOptions) -> list[str]:
    """Say which columns of a table of assignments are only a part of the assignment."""
    tables = " and ".join(f"{name}.csv" for name in ("canvas", "moodle") if name in order.formats)
    return [
        f"In {tables}, `{name}` doesn't include {listed(left_out, MAX_NAMED)}, because only a part of it was graded. "
        "Don't import it as the assignment's grade."
        for name, left_out in incomplete(course).items()
        if tables
    ]


def _about_roster(results: Results, order: ReportOptions) -> list[str]:
    roster = order.roster
    tables = [name for name in ("canvas", "moodle") if name in order.formats]
    names = " and ".join(f"{name}.csv" for name in tables)
    remarks = []
    if tables and not roster.given:
        remarks.append(
            f"Without a roster, {names} {'use' if len(tables) > 1 else 'uses'} the submissions' ids as login names. "
            "To name the roster: --roster FILE"
        )
    if strangers := exports.strangers(results, roster):
        remarks.append(
            f"Not on the roster: {listed(strangers, MAX_NAMED)}. Their ids are used in place of login names."
        )
    remarks += [remark for name in tables if (remark := _without_ids(name, results, roster))]
    if missing := exports.missing(results, roster):
        people = [person.name or person.submission for person in missing]
        remarks.append(f"On the roster, but handed nothing in: {listed(people, MAX_NAMED)}.")
    manual = [
        submission.id
        for submission in results.submissions
        if any(adjustment.exercise is None for adjustment in submission.adjustments)
    ]
    if manual and tables:
        remarks.append(f"Manual total scores are not in {names}, which list assignments: {listed(manual, MAX_NAMED)}.")
    faulty = [submission.id for submission in results.submissions if submission.fault]
    if faulty and tables:
        remarks.append(
            f"No grade in {names}, because the grader failed on them: {listed(faulty, MAX_NAMED)}. Grade them again."
        )
    return remarks


def _without_ids(table: str, results: Results, roster: Roster) -> str:
    """Say who on the roster has nothing that a system finds people by; empty if everyone has."""
    ids, needed = {
        "canvas": (exports.canvas_ids, "canvas_id, sis_user_id or sis_login_id"),
        "moodle": (exports.moodle_ids, "username, id_number or email"),
    }[table]
    nameless = [
        person.name or person.submission
        for submission in results.submissions
        if roster.lists(submission.id)
        for person in roster.people_of(submission.id)
        if not any(ids(person))
    ]
    if not nameless:
        return ""
    return (
        f"In {table}.csv, the name of the folder is used as the login of {listed(nameless, MAX_NAMED)}. "
        f"If it isn't, add {needed} to the roster."
    )
