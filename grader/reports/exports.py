"""Results as files for other systems: tables of grades, JUnit XML, and JSON for Gradescope."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ElementTree

import msgspec

from grader.course import Course
from grader.failures.as_text import in_full_or_brief
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.grading.final_score import assignment_score
from grader.grading.notices import in_order
from grader.grading.results import Results, SubmissionResult
from grader.reports.likeness import Likeness
from grader.reports.members import views
from grader.reports.roster import Person, Roster
from grader.reports.score_in_words import FAULT, NOT_SANDBOXED, exercise_notes, in_points, items_in_words, sentences
from grader.tables import table_text

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def grades(course: Course, results: Results, roster: Roster) -> str:
    """Write the table of grades for people and spreadsheets, with people on the roster who handed nothing in.

    Everyone in a group has a row.
    A notice that is about no submission is a row of its own, with nothing but a remark.
    """
    heads = ["submission", *(["name", "email"] if roster.given else []), "score", "max_score", "final_score"]
    heads += [*(exercise.id for exercise in course.exercises), "remark"]
    rows: list[list[str]] = [heads]
    for submission in results.submissions:
        remark = _remark(results, submission.id)
        for person, own in views(submission, roster):
            scores = [own.score, own.max_score, own.final_score]
            scores += [own.exercises[exercise.id].score for exercise in course.exercises]
            rows.append([submission.id, *_who(person, roster), *map(in_points, scores), remark])
    no_scores = [""] * (3 + len(course.exercises))
    for person in missing(results, roster):
        rows.append([person.submission, *_who(person, roster), *no_scores, "nothing handed in"])
    for notice in in_order(results.notices):
        if not notice.submission:
            rows.append(["", *_who(Person(""), roster), *no_scores, notice.text])
    return table_text(rows)


def canvas(course: Course, results: Results, roster: Roster) -> str:
    """Write a table that Canvas's gradebook imports: a column per assignment, with its points in the second row.

    Everyone in a group has a row.
    """
    columns = course.assignments
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(assignment.id for assignment in columns)]]
    worth = [in_points(sum(course.by_id[name].max_score for name in assignment.exercises)) for assignment in columns]
    rows.append(["    Points Possible", "", "", "", "", *worth])
    for submission in results.submissions:
        for person, own in views(submission, roster):
            points = _assignment_points(course, own)
            ids = canvas_ids(person)
            if not any(ids):
                ids[2] = submission.id
            rows.append([person.name or submission.id, *ids, person.section, *points])
    return table_text(rows)


def moodle(course: Course, results: Results, roster: Roster) -> str:
    """Write a table that Moodle's gradebook imports: who the user is, then points and feedback for each assignment.

    Everyone in a group has a row.
    """
    heads = ["Username", "ID number", "Email address"]
    heads += [head for assignment in course.assignments for head in (assignment.id, f"Feedback: {assignment.id}")]
    rows = [heads]
    for submission in results.submissions:
        feedback = [
            ""
            if submission.fault
            else "; ".join(_exercise_points(course, submission, name) for name in assignment.exercises)
            for assignment in course.assignments
        ]
        for person, own in views(submission, roster):
            pairs = zip(_assignment_points(course, own), feedback, strict=True)
            cells = [cell for pair in pairs for cell in pair]
            ids = moodle_ids(person)
            if not any(ids):
                ids[0] = submission.id
            rows.append([*ids, *cells])
    return table_text(rows)


def canvas_ids(person: Person) -> list[str]:
    """Return what Canvas knows a person by: the ID, the SIS user ID and the SIS login ID; empty if not known."""
    return [person.canvas_id, person.sis_user_id, person.sis_login_id or person.username]


def moodle_ids(person: Person) -> list[str]:
    """Return what Moodle knows a person by: the username, the ID number and the email address; empty if not known."""
    return [person.username, person.id_number, person.email]


def alike(likeness: Likeness, roster: Roster) -> str:
    """Write the table of submissions that are alike: a row per group, exercise and member, with its most similar one.

    Groups are numbered as on the page about the class, the most telling first.
    """
    heads = ["group", "exercise", "submission", "name", "most_similar", "most_similar_name"]
    rows = [[*heads, "in_common", "same_wrong_answer"]]
    for number, group in enumerate(likeness.groups, 1):
        for exercise, member in itertools.product(group.exercises, group.members):
            pair = group.most_similar(member, exercise)
            if pair is not None:
                other = pair.other(member)
                who = [member, roster.names(member), other, roster.names(other)]
                rows.append([str(number), exercise, *who, f"{100 * pair.share:.0f}%", pair.wrong])
    return table_text(rows)


def missing(results: Results, roster: Roster) -> list[Person]:
    """List the people on the roster who handed nothing in."""
    ids = {roster.id_of(submission.id) for submission in results.submissions}
    return [person for submission, people in roster.people.items() if submission not in ids for person in people]


def strangers(results: Results, roster: Roster) -> list[str]:
    """List the submissions that belong to nobody on the roster."""
    ids = [submission.id for submission in results.submissions]
    return [name for name in ids if roster.given and not roster.lists(name)]


def junit(course: Course, results: Results) -> str:
    """Write JUnit XML: a suite for each submission, and a case for each check.

    It reveals no more of a hidden check than a student may read. It contains no times, so that the same results give
    the same file.
    """
    root = ElementTree.Element("testsuites", name=_xml(course.title))
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for submission in results.submissions:
        counts = dict.fromkeys(totals, 0)
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(submission.id))
        properties = ElementTree.SubElement(suite, "properties")
        for name, points in (
            ("score", submission.score),
            ("max_score", submission.max_score),
            ("final_score", submission.final_score),
        ):
            ElementTree.SubElement(properties, "property", name=name, value=in_points(points))
        for exercise in course.exercises:
            level = course.feedback_level(exercise.id, extensions=submission.extensions)
            for number, check in enumerate(submission.exercises[exercise.id].checks, start=1):
                shown = visible_to_student(check, check, level)
                counts["tests"] += 1
                name = _xml(_name(shown, number))
                case = ElementTree.SubElement(suite, "testcase", classname=exercise.id, name=name)
                if check.status == "passed":
                    continue
                tag, count = _JUNIT.get(check.status, ("failure", "failures"))
                counts[count] += 1
                attributes = {"message": _xml(shown.category or shown.status), "type": shown.status}
                if tag == "skipped":
                    attributes = {"message": check.status}
                ElementTree.SubElement(case, tag, attributes).text = _xml("\n".join(in_full_or_brief(shown)))
        if submission.remarks or submission.fault:
            notes = [*([FAULT] if submission.fault else []), *submission.remarks]
            ElementTree.SubElement(suite, "system-out").text = _xml("\n".join(notes))
        for name, value in counts.items():
            suite.set(name, str(value))
            totals[name] += value
    for name, value in totals.items():
        root.set(name, str(value))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def gradescope(course: Course, submission: SubmissionResult) -> bytes:
    """Write one submission as the `results.json` that Gradescope reads.

    It reveals no more of a hidden check than a student may read. Its score is the final one, which can differ from the
    sum over the checks because of built-in operations, lateness, manual scores or rubric items.
    """
    tests = []
    lines = [FAULT] if submission.fault else []
    lines += [] if submission.sandboxed else [NOT_SANDBOXED]
    lines += [*submission.remarks, *sentences(course, submission)]
    lines += [f"{head}: {text}" for head, text in items_in_words(course, submission)]
    lines += submission.comment.splitlines()
    for exercise in course.exercises:
        result = submission.exercises[exercise.id]
        level = course.feedback_level(exercise.id, extensions=submission.extensions)
        lines += [f"{exercise.title}: {note}" for note in exercise_notes(result)]
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
    data = {
        "score": submission.final_score,
        "output": "\n".join(lines),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


_JUNIT = {
    "error": ("error", "errors"),
    "timeout": ("error", "errors"),
    "skipped": ("skipped", "skipped"),
    "not_started": ("skipped", "skipped"),
}


def _name(shown: Shown, number: int) -> str:
    return shown.title or f"Hidden check {number}"


def _remark(results: Results, submission: str) -> str:
    """Write all notices about a submission into one cell."""
    texts = [
        f"Not graded: {notice.text}" if notice.kind == "not_graded" else notice.text
        for notice in in_order(results.notices)
        if notice.submission == submission
    ]
    return " ".join(texts)


def _who(person: Person, roster: Roster) -> list[str]:
    return [person.name, person.email] if roster.given else []


def _assignment_points(course: Course, submission: SubmissionResult) -> list[str]:
    """Write the points of each assignment; empty if the grader failed, so that no grade is overwritten."""
    return [
        "" if submission.fault else in_points(assignment_score(submission, assignment.exercises, assignment.id))
        for assignment in course.assignments
    ]


def _exercise_points(course: Course, submission: SubmissionResult, name: str) -> str:
    result = submission.exercises[name]
    return f"{course.by_id[name].title}: {in_points(result.score)} of {in_points(result.max_score)}"


def _xml(text: str) -> str:
    """Replace the characters that XML cannot contain."""
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
