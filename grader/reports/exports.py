"""Results as files for other systems: tables of grades, JUnit's XML, Gradescope's JSON."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence

import msgspec

from grader.course import Course
from grader.failures.as_text import in_full_or_brief
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.grading.final_score import assignment_score
from grader.grading.results import Results, SubmissionResult
from grader.reports.roster import Person, Roster
from grader.reports.score_in_words import in_points, sentences

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, the full-width forms too."""
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FAULT = "Part of this could not be graded, through a fault of the grader, not of yours."


def grades(course: Course, results: Results, roster: Roster) -> str:
    """Write the table of grades for people and spreadsheets; who is on the roster and handed nothing in has a row."""
    heads = ["submission", *(["name", "email"] if roster.given else []), "score", "max_score", "final_score"]
    heads += [*(exercise.id for exercise in course.exercises), "remark"]
    rows: list[list[str]] = [heads]
    for one in results.submissions:
        points = [in_points(one.exercises[exercise.id].score) for exercise in course.exercises]
        remark = "not wholly graded: grade again" if one.fault else ""
        cells = [in_points(one.score), in_points(one.max_score), in_points(one.final_score), *points, remark]
        rows.append([*_who(roster.person(one.id), roster), *cells])
    for person in missing(results, roster):
        rows.append([*_who(person, roster), *[""] * (3 + len(course.exercises)), "nothing handed in"])
    return _table(rows)


def canvas(course: Course, results: Results, roster: Roster) -> str:
    """Write what Canvas's gradebook imports: a column for each assignment, and what it is worth in the second row."""
    columns = course.assignments
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(one.id for one in columns)]]
    worth = [in_points(sum(course.by_id[name].max_score for name in one.exercises)) for one in columns]
    rows.append(["    Points Possible", "", "", "", "", *worth])
    for one in results.submissions:
        who = roster.person(one.id)
        ids = [who.canvas_id, who.sis_user_id, who.sis_login_id or who.username]
        if not any(ids):
            ids[2] = one.id
        rows.append([who.name or one.id, *ids, who.section, *_assignment_points(course, one)])
    return _table(rows)


def moodle(course: Course, results: Results, roster: Roster) -> str:
    """Write what Moodle's gradebook imports: columns to find a user by, and points and feedback for each assignment."""
    heads = ["Username", "ID number", "Email address"]
    heads += [head for one in course.assignments for head in (one.id, f"Feedback: {one.id}")]
    rows = [heads]
    for one in results.submissions:
        who = roster.person(one.id)
        ids = [who.username, who.id_number, who.email]
        if not any(ids):
            ids[0] = one.id
        feedback = [
            "" if one.fault else "; ".join(_exercise_points(course, one, name) for name in assignment.exercises)
            for assignment in course.assignments
        ]
        pairs = zip(_assignment_points(course, one), feedback, strict=True)
        rows.append([*ids, *(cell for pair in pairs for cell in pair)])
    return _table(rows)


def missing(results: Results, roster: Roster) -> list[Person]:
    """List who is on the roster and handed nothing in."""
    given = {one.id for one in results.submissions}
    return [person for person in roster.people.values() if person.submission not in given]


def strangers(results: Results, roster: Roster) -> list[str]:
    """List the submissions of nobody on the roster."""
    return [one.id for one in results.submissions if roster.given and one.id not in roster.people]


def junit(course: Course, results: Results) -> str:
    """Write JUnit's XML: a suite for each submission, a case for each check; of hidden checks what a student may read.

    It holds no times, so that the same results make the same file.
    """
    root = ElementTree.Element("testsuites", name=_xml(course.title))
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for one in results.submissions:
        counts = dict.fromkeys(totals, 0)
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(one.id))
        properties = ElementTree.SubElement(suite, "properties")
        for name, points in (
            ("score", one.score),
            ("max_score", one.max_score),
            ("final_score", one.final_score),
        ):
            ElementTree.SubElement(properties, "property", name=name, value=in_points(points))
        for exercise in course.exercises:
            level = course.feedback_level(exercise.id, extensions=one.extensions)
            for number, check in enumerate(one.exercises[exercise.id].checks, start=1):
                shown = visible_to_student(check, check, level)
                counts["tests"] += 1
                name = _xml(_name(shown, number))
                case = ElementTree.SubElement(suite, "testcase", classname=exercise.id, name=name)
                if check.status == "passed":
                    continue
                tag, count = _JUNIT.get(check.status, ("failure", "failures"))
                counts[count] += 1
                about = {"message": _xml(shown.category or shown.status), "type": shown.status}
                found = ElementTree.SubElement(case, tag, about if tag != "skipped" else {"message": check.status})
                found.text = _xml("\n".join(in_full_or_brief(shown)))
        if one.notes or one.fault:
            notes = [*([FAULT] if one.fault else []), *one.notes]
            ElementTree.SubElement(suite, "system-out").text = _xml("\n".join(notes))
        for name, value in counts.items():
            suite.set(name, str(value))
            totals[name] += value
    for name, value in totals.items():
        root.set(name, str(value))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def gradescope(course: Course, submission: SubmissionResult) -> bytes:
    """Write one submission as Gradescope's `results.json`; of hidden checks it tells what a student may read.

    The score is the final one, which a rule about built-in operations, lateness or the instructor's hand may have made
    another than the checks' sum.
    """
    tests = []
    said = [FAULT] if submission.fault else []
    said += [] if submission.sandboxed else ["Graded without a sandbox."]
    said += [*submission.notes, *sentences(course, submission), *submission.comment.splitlines()]
    for exercise in course.exercises:
        result = submission.exercises[exercise.id]
        level = course.feedback_level(exercise.id, extensions=submission.extensions)
        said += [f"{exercise.title}: {text}" for text in (result.together, result.builtins) if text]
        for number, check in enumerate(result.checks, start=1):
            shown = visible_to_student(check, check, level)
            tests.append(
                {
                    "name": f"{exercise.title}: {_name(shown, number)}",
                    "score": check.score,
                    "max_score": check.points,
                    "status": "passed" if check.status == "passed" else "failed",
                    "output": "" if check.status == "passed" else "\n".join(in_full_or_brief(shown)),
                    "output_format": "text",
                    "visibility": "visible",
                }
            )
    made = {
        "score": submission.final_score,
        "output": "\n".join(said),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


_JUNIT = {
    "error": ("error", "errors"),
    "timeout": ("error", "errors"),
    "skipped": ("skipped", "skipped"),
    "not_started": ("skipped", "skipped"),
}


def _name(shown: Shown, number: int) -> str:
    return shown.title or f"Hidden check {number}"


def _who(person: Person, roster: Roster) -> list[str]:
    return [person.submission, *([person.name, person.email] if roster.given else [])]


def _assignment_points(course: Course, one: SubmissionResult) -> list[str]:
    """Write the points of each assignment; nothing where the grader failed, so that no grade is overwritten."""
    return [
        "" if one.fault else in_points(assignment_score(one, assignment.exercises, assignment.id))
        for assignment in course.assignments
    ]


def _exercise_points(course: Course, one: SubmissionResult, name: str) -> str:
    result = one.exercises[name]
    return f"{course.by_id[name].title}: {in_points(result.score)} of {in_points(result.max_score)}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Make a cell that would be a formula text, as spreadsheets have it: with an apostrophe before it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def _xml(text: str) -> str:
    """Leave out the characters that XML cannot hold."""
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
