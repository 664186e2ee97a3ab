"""Reports for students, teachers and gradebooks are correct and harmless, and give nothing hidden away."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import msgspec
import pytest
from rich.console import Console

from grader.authoring.generate import SCHEMA_FILE, build, stale_files
from grader.checks.outcome import PASSED, Outcome
from grader.course import Course, FeedbackLevel, HiddenFeedback, load_course
from grader.errors import RosterError, UnknownFormat
from grader.failures.rows import Mistake, Row
from grader.grading.final_score import assignment_score
from grader.grading.results import Adjustment, Lateness, Results, SubmissionResult, results, schema_text
from grader.grading.verdict import verdict
from grader.reports import (
    Alike,
    Likeness,
    Person,
    ReportOptions,
    Roster,
    exports,
    read_roster,
    statistics,
    write_all,
)
from grader.reports.class_table import ClassTable
from grader.reports.feedback import exercise_feedback, feedback, file_name
from grader.reports.html import class_page, student_page
from grader.reports.likeness import Group
from grader.reports.likeness.groups import Line
from grader.reports.score_in_words import sentences
from grader.reports.write import FORMATS

TinyCourse = Callable[..., Path]
HOSTILE = "<script>alert(1)</script>"
SECRET = "the hidden case"
DOUBLE, HIDDEN = ("double", "test_double_three"), ("double", "test_double_equals_the_reference")
FOUR, FLOAT = ("twice", "test_twice_four"), ("twice", "test_twice_gives_a_float")
ALL = dict.fromkeys((DOUBLE, HIDDEN, FOUR, FLOAT), PASSED)
TWO_ADDED = Mistake("two_added", "You add two.", "The double of 2 alone is 2 more.", "Try 3.")
ADDED = Outcome(
    "failed",
    (Row("called", ("double(3.0)",)), Row("got", ("5.0",))),
    counterexample="double(3.0)",
    category="wrong values",
    mistakes=(TWO_ADDED,),
)
WRONG_HIDDEN = Outcome(
    "failed",
    (Row("called", (SECRET,)), Row("got", ("1.0",)), Row("expected", (SECRET,))),
    counterexample=SECRET,
    category="wrong values",
)
NOT_STARTED = Outcome("not_started", (Row("not_written", ("Multiply.",)),))


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return a course of two small exercises."""
    return load_course(tiny_course())


def with_feedback_level(course: Course, level: FeedbackLevel) -> Course:
    """Return the course with another level of feedback about hidden checks."""
    return replace(course, hidden_feedback=HiddenFeedback(level, level))


def submission(course: Course, name: str, *notes: str, **changed: Outcome) -> SubmissionResult:
    """Make the verdict on a submission that passes every check except for the given outcomes."""
    places = {"double": DOUBLE, "hidden": HIDDEN, "four": FOUR, "floats": FLOAT}
    return verdict(
        course, name, ALL | {places[name_of_check]: outcome for name_of_check, outcome in changed.items()}, notes, True
    )


def a_class(course: Course) -> Results:
    """Make a class of four: all correct, a known mistake, only a hidden check failed, nothing written."""
    nothing = dict.fromkeys(("double", "hidden", "four", "floats"), NOT_STARTED)
    return results(
        course,
        [
            submission(course, "ann"),
            submission(course, "bob", double=ADDED, hidden=WRONG_HIDDEN),
            submission(course, "cyd", hidden=WRONG_HIDDEN),
            submission(course, "dan", **nothing),
        ],
    )


def rows(table: str) -> list[dict[str, str]]:
    """Read a table in CSV."""
    return list(csv.DictReader(io.StringIO(table, newline="")))


class Page(HTMLParser):
    """A page's elements and its text; fails if the elements aren't nested properly."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        self.text += " " * (tag in ("td", "th"))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data

    def tags(self, name: str) -> list[dict[str, str | None]]:
        """List the attributes of all elements of a kind."""
        return [attributes for tag, attributes in self.found if tag == name]


def test_the_published_schema_matches_the_results(course: Course) -> None:
    """docs/results.schema.json matches the grader's structures."""
    assert (course.root / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text()


def test_a_stale_schema_is_found_and_updated(tiny: Course) -> None:
    """`grader build` updates a schema that is published, and doesn't create one otherwise."""
    build(tiny)
    assert stale_files(tiny) == []
    schema = tiny.root / SCHEMA_FILE
    schema.parent.mkdir()
    schema.write_text("{}", encoding="utf-8")
    assert stale_files(tiny) == [schema]
    assert build(tiny) == [schema]
    assert schema.read_text(encoding="utf-8") == schema_text()


def test_results_agree_with_the_schema(tiny: Course, tmp_path: Path) -> None:
    """The results.json that is written is valid, and one that lacks a field isn't."""
    write_all(tiny, a_class(tiny), tmp_path, {}, ReportOptions())
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    validator.validate(written)
    assert written["submissions"][1]["exercises"]["double"]["checks"][0]["mistakes"] == [msgspec.to_builtins(TWO_ADDED)]
    del written["submissions"][0]["exercises"]["double"]["checks"][0]["mistakes"]
    assert not validator.is_valid(written)


def test_grades_hold_a_row_for_each(tiny: Course) -> None:
    """The table of grades has all points, and a row for people on the roster who handed in nothing."""
    roster = roster_of("ann,Ann Ångström,ann@example.org", "eve,Eve,")
    table = rows(exports.grades(tiny, a_class(tiny), roster))
    assert [row["submission"] for row in table] == ["ann", "bob", "cyd", "dan", "eve"]
    assert table[0] == {
        "submission": "ann",
        "name": "Ann Ångström",
        "email": "ann@example.org",
        "score": "6",
        "max_score": "6",
        "final_score": "6",
        "double": "2",
        "twice": "4",
        "remark": "",
    }
    assert table[4]["remark"] == "nothing handed in"
    assert table[4]["score"] == ""


def roster_of(*lines: str) -> Roster:
    """Make a roster from lines of submission, name and email."""
    return Roster.of(Person(*line.split(",")) for line in lines)


def test_canvas_finds_students_and_points(tiny: Course) -> None:
    """Canvas's table has its five columns, the points of each assignment, and an id for each person."""
    roster = read(tiny, "submission,name,canvas_id,section\nann,Ann,4711,Tuesday\n")
    table = rows(exports.canvas(tiny, a_class(tiny), roster))
    assert list(table[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "double", "twice"]
    assert (table[0]["Student"].strip(), table[0]["double"], table[0]["twice"]) == ("Points Possible", "2", "4")
    assert [table[1][name] for name in ("Student", "ID", "SIS Login ID", "Section", "double")] == [
        "Ann",
        "4711",
        "",
        "Tuesday",
        "2",
    ]
    assert (table[2]["Student"], table[2]["SIS Login ID"]) == ("bob", "bob")


def read(course: Course, text: str) -> Roster:
    """Read a roster from text."""
    path = course.root / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return read_roster(path)


def test_moodle_finds_users_and_gets_feedback_with_every_grade(tiny: Course) -> None:
    """Moodle's table identifies each user, and has feedback next to the points of each assignment."""
    roster = read(tiny, "submission,email\nann,ann@example.org\n")
    table = rows(exports.moodle(tiny, a_class(tiny), roster))
    assert (table[0]["Username"], table[0]["Email address"]) == ("", "ann@example.org")
    assert (table[1]["Username"], table[1]["double"]) == ("bob", "0")
    assert table[1]["Feedback: double"] == "Double: 0 of 2"


def test_no_grade_goes_out_where_the_grader_failed(tiny: Course) -> None:
    """If the grader failed on a submission, its cells are empty, so that they overwrite nothing."""
    fault = submission(tiny, "ann", double=Outcome("error", (Row("broken", ("broken",)),), machine=True))
    class_results = results(tiny, [fault])
    assert rows(exports.canvas(tiny, class_results, Roster()))[1]["double"] == ""
    assert rows(exports.moodle(tiny, class_results, Roster()))[0]["double"] == ""
    assert "To grade again" in rows(exports.grades(tiny, class_results, Roster()))[0]["remark"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1"])
def test_no_cell_is_a_formula(tiny: Course, name: str) -> None:
    """An id that a spreadsheet would read as a formula is marked as text in every table."""
    class_results = results(tiny, [submission(tiny, name)])
    roster = roster_of(f"{name},{name},{name}")
    for make in (exports.grades, exports.canvas, exports.moodle):
        cells = [cell for row in csv.reader(io.StringIO(make(tiny, class_results, roster))) for cell in row]
        assert f"'{name}" in cells
        assert name not in cells


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nAnn\n", "has no column `submission`"),
        ("submission,name\nann,Ann\nann,Ann\n", "line 3: `ann` is listed twice for the same person, also in line 2"),
        ('submission,name\nann,"Ann\nbob,Bob\n', "line 3 has a problem"),
        ("submission,name\n,Ann\n", "line 2: the submission id is missing"),
    ],
)
def test_a_bad_roster_is_reported_with_its_line(tiny: Course, text: str, message: str) -> None:
    """The message says what is wrong with a roster, and in which line."""
    with pytest.raises(RosterError, match=message):
        read(tiny, text)


def test_a_roster_from_a_spreadsheet_is_read(tiny: Course) -> None:
    """A byte order mark, spaces around headers, unknown columns and short lines do no harm."""
    roster = read(tiny, "\ufeffsubmission , name,shoe size\nann,Ann,38\nbob\n")
    assert roster.names("ann") == "Ann"
    assert roster.names("bob") == ""
    assert roster.people_of("eve") == (Person("eve"),)


AS_SAVED_BY_SPREADSHEETS = "Submission;Name;E-Mail;SIS Login ID\r\nann;Ann Ångström;a@b.org;ann1\r\n;;;\r\n;;;\r\n"


@pytest.mark.parametrize(
    "content",
    [
        AS_SAVED_BY_SPREADSHEETS.encode("utf-8"),
        AS_SAVED_BY_SPREADSHEETS.encode("utf-8-sig"),
        AS_SAVED_BY_SPREADSHEETS.encode("utf-16"),
        AS_SAVED_BY_SPREADSHEETS.encode("utf-16-le"),
        AS_SAVED_BY_SPREADSHEETS.encode("utf-16-be"),
        AS_SAVED_BY_SPREADSHEETS.encode("cp1252"),
        AS_SAVED_BY_SPREADSHEETS.replace(";", ",").encode("utf-8"),
        AS_SAVED_BY_SPREADSHEETS.replace(";", "\t").encode("utf-8"),
        AS_SAVED_BY_SPREADSHEETS.upper().replace("ANN ÅNGSTRÖM", "Ann Ångström").replace("ANN", "ann").encode("utf-8"),
        b"sep=;\r\n" + AS_SAVED_BY_SPREADSHEETS.encode("cp1252"),
        b"\r\n" + AS_SAVED_BY_SPREADSHEETS.replace("\r\n", "\n").encode("utf-8"),
        AS_SAVED_BY_SPREADSHEETS.replace("Submission", '"Submission"')
        .replace("Ann Å", "Ann  Å")
        .replace("  ", " ")
        .encode(),
    ],
)
def test_a_roster_is_read_as_spreadsheets_save_it(tiny: Course, content: bytes) -> None:
    """Any separator, capitals in headings, empty rows at the end, and any encoding that spreadsheets use are read."""
    path = tiny.root / "roster.csv"
    path.write_bytes(content)
    roster = read_roster(path)
    assert list(roster.people) == ["ann"]
    assert roster.names("ann") == "Ann Ångström"
    assert roster.people_of("ann")[0].sis_login_id.lower() == "ann1"


@pytest.mark.parametrize("content", [b"PK\x03\x04 and so on", b"submission\0\1\2\3", b"\xd0\xcf\x11\xe0"])
def test_a_spreadsheet_or_a_binary_file_is_no_roster(tiny: Course, content: bytes) -> None:
    """The message says to save the file as CSV."""
    path = tiny.root / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(RosterError, match="save it as CSV"):
        read_roster(path)


def test_composed_and_decomposed_letters_are_the_same(tiny: Course) -> None:
    """A folder from macOS is found on a roster from Windows: their letters are composed differently."""
    composed, decomposed = (unicodedata.normalize(form, "zoë") for form in ("NFC", "NFD"))
    for on_roster, folder in ((composed, decomposed), (decomposed, composed)):
        roster = read(tiny, f"submission,name\n{on_roster},Zoë\n")
        class_results = results(tiny, [submission(tiny, folder)])
        assert roster.names(folder) == "Zoë"
        assert (exports.missing(class_results, roster), exports.strangers(class_results, roster)) == ([], [])


def test_capitals_in_an_id_make_no_difference_if_they_need_not(tiny: Course) -> None:
    """An id in other capitals is found if no other is the same; two ids that differ only in capitals stay two."""
    roster = read(tiny, "submission,name\nANN,Ann\nbob,Bob\nBob,Other Bob\n")
    assert [roster.names(name) for name in ("ann", "bob", "Bob", "BOB")] == ["Ann", "Bob", "Other Bob", ""]


def test_everyone_in_a_group_has_a_row_in_every_table(tiny: Course) -> None:
    """Several lines of the roster with one submission are a group: each person gets the group's points everywhere."""
    roster = read(tiny, "submission,name,username,canvas_id\nann,Ann,a1,1\nann,Bo,b2,2\nbob,Bob,b3,3\n")
    class_results = a_class(tiny)
    assert [
        (row["submission"], row["name"], row["score"]) for row in rows(exports.grades(tiny, class_results, roster))
    ][:3] == [("ann", "Ann", "6"), ("ann", "Bo", "6"), ("bob", "Bob", "4")]
    assert [(row["ID"], row["double"]) for row in rows(exports.canvas(tiny, class_results, roster))[1:4]] == [
        ("1", "2"),
        ("2", "2"),
        ("3", "0"),
    ]
    assert [(row["Username"], row["double"]) for row in rows(exports.moodle(tiny, class_results, roster))[:3]] == [
        ("a1", "2"),
        ("b2", "2"),
        ("b3", "0"),
    ]
    assert roster.label("ann") == "Ann, Bo (ann)"


def test_a_folder_from_moodle_is_called_by_its_name(tiny: Course) -> None:
    """Without a roster, a report about a folder from Moodle shows the person's name and not Moodle's numbers."""
    result = submission(tiny, "Zoë Example_1234567_assignsubmission_file_")
    assert feedback(tiny, result).startswith("# A tiny course: Zoë Example\n")
    assert "assignsubmission" not in student_page(tiny, result, Roster())


def test_people_without_a_login_are_named(tiny: Course, tmp_path: Path) -> None:
    """If the roster has no login of a person that an export needs, you are told who that is, and what to add."""
    options = ReportOptions(("moodle",), read(tiny, "submission,name,email\nann,Ann,a@b.org\nbob,Bob,\n"))
    written = write_all(tiny, a_class(tiny), tmp_path, None, options)
    (remark,) = (remark for remark in written.remarks if "name of the folder" in remark)
    assert remark.startswith("In moodle.csv, the name of the folder is used as the login of Bob.")


def test_an_unknown_format_is_refused_at_once() -> None:
    """An unknown format is an error before anything is graded, and the message lists the formats."""
    with pytest.raises(UnknownFormat, match="Choose one of: canvas, gradescope, junit, moodle"):
        ReportOptions.of(["canvass"], None)


def test_junit_counts_what_it_holds(tiny: Course) -> None:
    """Each submission is a suite; failures, errors and skipped checks are counted and come with their texts."""
    root = ElementTree.fromstring(exports.junit(tiny, a_class(tiny)))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == ("testsuites", "16", "3", "4")
    bob = root.findall("testsuite")[1]
    assert (bob.get("name"), bob.get("tests"), bob.get("failures")) == ("bob", "4", "2")
    failure = bob.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "wrong values"
    assert "double(3.0)" in (failure.text or "")


def test_junit_is_xml_whatever_a_submission_says(tiny: Course) -> None:
    """Markup and characters that XML doesn't allow don't break the file."""
    text = f"{HOSTILE} ]]> \x00\x1b \ud800 \uffff"
    class_results = results(tiny, [submission(tiny, text, text, double=replace(ADDED, rows=(Row("got", (text,)),)))])
    root = ElementTree.fromstring(exports.junit(tiny, class_results).encode("utf-8"))
    assert not list(root.iter("script"))


def test_gradescope_gets_scores_and_texts(tiny: Course) -> None:
    """Gradescope's file has the score, and each check with its points and its feedback."""
    made = json.loads(exports.gradescope(tiny, a_class(tiny).submissions[1]))
    assert made["score"] == 4.0
    assert [test["status"] for test in made["tests"]] == ["failed", "failed", "passed", "passed"]
    assert sum(test["score"] for test in made["tests"]) == 4.0
    assert "double(3.0)" in made["tests"][0]["output"]
    assert {test["visibility"] for test in made["tests"]} == {"visible"}


@pytest.mark.parametrize("level", ["category", "title", "message"])
def test_nothing_hidden_leaks(tiny: Course, level: FeedbackLevel) -> None:
    """Students' pages and files contain a hidden check's case or title only if the course allows it."""
    course = with_feedback_level(tiny, level)
    class_results = a_class(course)
    secrets = [SECRET, HIDDEN[1], *(["Doubling holds"] if level == "category" else [])]
    for student in class_results.submissions:
        written = [student_page(course, student, Roster()), exports.gradescope(course, student).decode()]
        for text in [*written, exports.junit(course, class_results), exports.moodle(course, class_results, Roster())]:
            assert not any(secret in text for secret in secrets)


def test_everything_is_shown_if_the_course_shows_it(tiny: Course) -> None:
    """At the level `case` students read a hidden check's case in every form."""
    course = with_feedback_level(tiny, "case")
    class_results = a_class(course)
    assert SECRET in student_page(course, class_results.submissions[2], Roster())
    assert SECRET in exports.gradescope(course, class_results.submissions[2]).decode()
    assert SECRET in exports.junit(course, class_results)


def test_a_students_page_shows_what_the_feedback_shows(tiny: Course) -> None:
    """The page has the score, the states, the failing case and the diagnosis, as `feedback` has them."""
    student = a_class(tiny).submissions[1]
    page = Page(student_page(tiny, student, Roster()))
    for sentence in (
        "Score: 4 of 6",
        "FAILED Expected: Twice 3 is 6.",
        "double(3.0)",
        "You add two.",
        "All 2 checks passed.",
    ):
        assert sentence in " ".join(page.text.split())
    for exercise in tiny.exercises:
        feedback = exercise_feedback(exercise, student.exercises[exercise.id], tiny.feedback_level(exercise.id))
        assert all(line.strip() in page.text for check in feedback.checks for line in check.lines)


def test_lateness_and_marks_by_hand_are_in_every_report(tiny: Course) -> None:
    """Pages, tables and exports show the final score, and the page explains how it comes about."""
    student = a_class(tiny).submissions[1]
    moment = datetime(2027, 1, 31, tzinfo=UTC)
    late = Lateness("everything", moment, moment + timedelta(hours=3), 1, 0.25, 6.0, 1.5, False)
    by_hand = Adjustment("twice", None, 2.0, 3.0, "A good idea.")
    adjusted = msgspec.structs.replace(
        student, final_score=3.5, late=[late], adjustments=[by_hand], comment="Well <b>done</b>."
    )
    class_results = results(tiny, [adjusted])
    page = Page(student_page(tiny, adjusted, Roster()))
    text = " ".join(page.text.split())
    assert "Score: 3.5 of 6" in text
    for sentence in [*sentences(tiny, adjusted), "Well <b>done</b>."]:
        assert sentence.replace("`", "") in text
    assert rows(exports.grades(tiny, class_results, Roster()))[0]["final_score"] == "3.5"
    assert json.loads(exports.gradescope(tiny, adjusted))["score"] == 3.5
    assert (
        assignment_score(adjusted, ["double", "twice"], "everything") == student.exercises["double"].score + 3.0 - 1.5
    )


def test_hostile_text_is_text(tiny: Course) -> None:
    """Markup in ids, names, notes and messages is shown as text."""
    mistake = Mistake("two_added", HOSTILE, HOSTILE, HOSTILE)
    bad = replace(ADDED, rows=(Row("got", (HOSTILE,)), Row(HOSTILE, (HOSTILE,))), mistakes=(mistake,))
    reason = (Row("not_imported", exercise="double"), Row("raised", (HOSTILE,)))
    unimported = Outcome("error", reason, category="it cannot be imported")
    class_results = results(
        tiny,
        [
            submission(tiny, f'"{HOSTILE}', f"Ignored: `{HOSTILE}`.", double=bad),
            submission(tiny, "x' onload='alert(1)", double=unimported, hidden=unimported),
        ],
    )
    roster = roster_of(f'"{HOSTILE},{HOSTILE},')
    first, second = class_results.submissions[0].id, class_results.submissions[1].id
    pair = Alike("double", first, second, 1.0, HOSTILE, (Line(HOSTILE, True),), (Line(HOSTILE, False),))
    likeness = Likeness((Group((first, second), (pair,)),), (HOSTILE,))
    pages = [student_page(tiny, student, roster) for student in class_results.submissions]
    for text in [*pages, class_page(tiny, class_results, roster, likeness)]:
        page = Page(text)
        assert not page.tags("script")
        assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)
        assert "alert(1)" in page.text


def test_pages_are_readable_by_all_and_need_nothing_beside_them(tiny: Course) -> None:
    """Pages have a language, landmarks, captions and table headers; they load nothing, and no id appears twice."""
    class_results = a_class(tiny)
    pair = Alike("double", "ann", "bob", 1.0, "", (Line("x = 1", True),), (Line("y = 1", True),))
    likeness = Likeness((Group(("ann", "bob"), (pair,)),))
    for text in [
        student_page(tiny, class_results.submissions[1], Roster()),
        class_page(tiny, class_results, Roster(), likeness),
    ]:
        page = Page(text)
        assert page.tags("html") == [{"lang": "en"}]
        assert [len(page.tags(name)) for name in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
        assert len(page.tags("caption")) == len(page.tags("table")) > 0
        assert all(head.get("scope") in ("col", "row") for head in page.tags("th"))
        assert all(picture.get("role") == "img" and picture.get("aria-labelledby") for picture in page.tags("svg"))
        ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
        assert len(ids) == len(set(ids))
        for _, attributes in page.found:
            assert all(name in ids for name in (attributes.get("aria-labelledby") or "").split())
            assert not attributes.get("src")
            href = attributes.get("href") or "#"
            assert href.startswith("reports/") or href == "#" or href[1:] in ids
        assert "url(" not in text
        assert "@import" not in text


def test_the_class_page_says_what_the_class_needs(tiny: Course) -> None:
    """The page shows mistakes with the people who make them, hard checks, scores, and what it can't say."""
    many = [submission(tiny, f"s{number}", double=ADDED) for number in range(4)]
    right = [submission(tiny, f"r{number}") for number in range(6)]
    fault = submission(tiny, "broken", double=Outcome("error", (Row("broken", ("broken",)),), machine=True))
    page = Page(
        class_page(tiny, results(tiny, [*many, *right, fault]), Roster(), Likeness(remarks=("Not looked at.",)))
    )
    text = " ".join(page.text.split())
    assert (
        "You add two. (Double) 4 of the 10 who tried it: worth five minutes in the next class. s0, s1, s2, s3" in text
    )
    assert "Twice 3 is 6. Double visible 6 of 10 (60%)" in text
    assert "It takes at least 20 submissions to compute; this class has 10." in text
    assert "The grader itself failed on 1 of them" in text
    assert "Not looked at." in text
    assert "80-89 percent: 4; 90-100 percent: 6." in text


def test_discrimination_tells_strong_from_weak(tiny: Course) -> None:
    """A check that only strong students fail gets a negative value; with too few students there is none."""
    strong = [submission(tiny, f"a{number}", double=ADDED) for number in range(10)]
    weak = [submission(tiny, f"b{number}", four=ADDED, floats=ADDED) for number in range(10)]
    by_title = {item.title: item for item in statistics.items(tiny, results(tiny, [*strong, *weak]))}
    assert by_title["Twice 3 is 6."].discrimination == pytest.approx(-1.0)
    assert by_title["Twice 3 is 6."].difficulty == 0.5
    assert by_title["The result is a float."].discrimination == pytest.approx(0.5, abs=0.5)
    assert by_title["Doubling holds for every number."].discrimination is None
    assert [item.title for item in statistics.weak(list(by_title.values()))] == ["Twice 3 is 6."]
    few = statistics.items(tiny, results(tiny, [*strong[:9], *weak]))
    assert all(item.discrimination is None for item in few)


def test_an_item_leaves_out_those_who_did_not_start(tiny: Course) -> None:
    """Difficulty counts only those who tried the exercise."""
    by_title = {item.title: item for item in statistics.items(tiny, a_class(tiny))}
    assert (by_title["Twice 3 is 6."].passed, by_title["Twice 3 is 6."].tried) == (2, 3)


def test_two_mistakes_at_once_keep_their_sentences(tiny: Course) -> None:
    """If a diagnosis names two mistakes, each one keeps its own sentence."""
    added, taken = Mistake("added", "You add.", "Why.", ""), Mistake("taken", "You take away.", "Why not.", "")
    both = replace(ADDED, mistakes=(added, taken))
    common = statistics.common_mistakes(tiny, results(tiny, [submission(tiny, "ann", double=both)]))
    assert [(mistake.name, mistake.did) for mistake in common] == [("added", "You add."), ("taken", "You take away.")]


def test_everything_is_written_and_named(tiny: Course, tmp_path: Path) -> None:
    """All requested formats are written, with the same bytes each time, and remarks say what is missing."""
    class_results = a_class(tiny)
    order = ReportOptions.of([*FORMATS, "junit"], None)
    written = write_all(tiny, class_results, tmp_path / "one", {}, order)
    again = write_all(tiny, class_results, tmp_path / "two", {}, order)
    assert all(path.is_file() for path in written.paths)
    assert [path.read_bytes() for path in written.paths] == [path.read_bytes() for path in again.paths]
    assert written.summary(tmp_path / "one") == (
        "results.json, grades.csv, canvas.csv, moodle.csv, junit.xml, alike.csv, class.html, "
        "8 files in reports/, 4 files in gradescope/"
    )
    assert any("Without a roster" in remark for remark in written.remarks)
    assert (tmp_path / "one" / "grades.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_without_jinja2_the_rest_is_written(tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If pages can't be made, a remark says what to install, and grades and feedback are still written."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    written = write_all(tiny, a_class(tiny), tmp_path, {}, ReportOptions())
    assert {path.suffix for path in written.paths} == {".json", ".md", ".csv"}
    assert any('pip install -e ".[reports]"' in remark for remark in written.remarks)


def test_a_file_has_a_name_that_every_system_takes() -> None:
    """The file name of an id that is too long is cut, and still differs from others."""
    long = "ä" * 127
    assert file_name("ann", ".html") == "ann.html"
    assert len(file_name(long, ".html").encode()) <= 255
    assert file_name(long, ".html") != file_name(long[:-1] + "o", ".html")


@pytest.mark.parametrize(
    ("width", "head", "below"),
    [
        (80, r"submission +double +twice +score", []),
        (37, r"submission +1 +2 +score", ["1 double, 2 twice."]),
        (24, r"submission +score", ["The window is too"]),
    ],
)
def test_the_table_of_a_class_fits_its_terminal(tiny: Course, width: int, head: str, below: list[str]) -> None:
    """Every id and score is readable in full at any width, and the marks that appear are explained below."""
    broken = dict.fromkeys(ALL, Outcome("error", (Row("not_imported", exercise="double"),)))
    untouched = dict.fromkeys(ALL, Outcome("not_started", (Row("not_written", ("The stub.",)),)))
    outcomes_by_name = {"ann": ALL, "bob-with-a-name-of-many-parts": untouched, "cy": broken}
    class_results = results(tiny, [verdict(tiny, name, outcomes, []) for name, outcomes in outcomes_by_name.items()])
    drawn = io.StringIO()
    Console(file=drawn, width=width).print(ClassTable(tiny, class_results))
    text = drawn.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert re.search(head, text)
    column = "".join(line.split()[0] for line in text.splitlines() if line[:1] not in "-! ")
    for submission in class_results.submissions:
        assert submission.id in column
        assert re.search(rf" {submission.score:g}/{submission.max_score:g} ", text)
    marks = [] if width == 24 else ["- not started", "! could not be run"]
    assert all(line in text for line in [*below, *marks])
    assert ("! could" in text, "* correct" in text) == (width != 24, False)
