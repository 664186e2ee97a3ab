"""What helps to mark by hand: pages with code and failures, pseudonyms, and files of marks to fill in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from grader.checks.outcome import Outcome
from grader.course import Course, load_course
from grader.errors import UsageError
from grader.failures.rows import Position, Row
from grader.grading.class_files import read_register
from grader.grading.final_score import adjusted_submission
from grader.grading.marks import ByHand
from grader.grading.notices import Notice
from grader.grading.pseudonyms import pseudonyms
from grader.grading.results import Question, RubricItem, SubmissionResult, results
from grader.grading.verdict import verdict
from grader.reports.anonymous import Mask
from grader.reports.feedback import write_results
from grader.reports.html import class_page
from grader.reports.likeness import Alike, Group, Likeness
from grader.reports.marking import TemplateRequest, write_templates
from grader.reports.marking.code import LONGEST_LINE, MOST_LINES, code_of
from grader.reports.marking.page import Neighbors, marking_page
from grader.reports.roster import Person, Roster
from grader.reports.write import ReportOptions, write_all
from tests.kit.test_cli import run

TinyCourse = Callable[..., Path]
CODE = b'def double(x):\n    """Double <script>alert(1)</script>\n    it."""\n    return x.y\n'
ROSTER = (
    "submission,name,section,TA\nann,Ann Example,Tuesday,Tom\nbob,Bob Smith,Friday,Uma\nbob,Cleo,,Tom\n0123,Dan,,\n"
)


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course."""
    return load_course(tiny_course())


def submission(course: Course, name: str, *, fails: bool = True) -> SubmissionResult:
    """Return a result in which a line of `double` raises, or nothing does."""
    places = (Position("double", 4, "double", "return x.y"),)
    wrong = Outcome("failed", rows=(Row("raised", ("AttributeError: y",)), Row("at", ("here",), places)))
    right = Outcome("passed")
    checks = [(exercise.id, check.id) for exercise in course.exercises for check in exercise.checks]
    return verdict(course, name, {key: wrong if fails and key[0] == "double" else right for key in checks})


def page(course: Course, result: SubmissionResult, source: bytes = CODE, neighbors: Neighbors | None = None) -> str:
    """Return the page for marking a submission."""
    return marking_page(course, result, {"double": source}, Roster(), neighbors or Neighbors("", "", 1, 1))


def test_code_failures_and_marks_are_on_one_page(tiny: Course) -> None:
    """The page has every line with its number, each failure with a link to its line, and the marks so far."""
    item = RubricItem("names", "double", -1, "Bad *names*.")
    plain = submission(tiny, "ann")
    marked = adjusted_submission(tiny, plain, ByHand("See me.", [], [item]), {}, {})
    html = page(tiny, marked)
    assert [int(number) for number in re.findall(r'id="double-(\d+)"', html)] == [1, 2, 3, 4]
    assert '<a href="#double-4">line 4</a>' in html
    assert '<span class="line hit" id="double-4">' in html
    assert "<code>names</code> Double, minus 1: <p>Bad <em>names</em>.</p>" in html
    assert "<p>See me.</p>" in html
    assert '<span class="k">return</span>' in html
    assert all(check.id in html for check in tiny.by_id["double"].checks)


def test_the_page_runs_nothing_and_needs_no_other_file(tiny: Course) -> None:
    """There is no script, no HTML of a student's, and nothing to load."""
    question = Question("q123456", "double", "", "<img src=x onerror=alert(1)>", "<b>case</b>", ["<i>"], "")
    html = page(tiny, msgspec.structs.replace(submission(tiny, "<ann>"), questions=[question]))
    assert not re.search(r"<(script|img|b|i|link|iframe)\b|\bsrc=[^x]|<ann>", html)
    assert "default-src 'none'" in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_any_file_can_be_shown() -> None:
    """Long files and lines are cut, other bytes are replaced, and every line is closed where it ends."""
    lines = code_of(b"'''\n<b>\n'''\n\xff\x00\x1b[31m" + b"\n#" + b"x" * 10_000 + b"\nx = 1" * 5000)
    assert (len(lines.lines), lines.more) == (MOST_LINES, 5 + 5000 - MOST_LINES)
    assert all(line.count("<span") == line.count("</span>") for line in lines.lines)
    assert "\x1b" not in lines.lines[3]
    assert "<b>" not in "".join(lines.lines)
    assert len(lines.lines[4]) < LONGEST_LINE + 100
    assert code_of(b"").lines == ()


def test_pages_lead_to_their_neighbors(tiny: Course) -> None:
    """The first page leads to the second, the second to both sides, the last back."""
    ids = ["a b", "c", "d"]
    pages = [page(tiny, submission(tiny, name), CODE, Neighbors.of(ids, number)) for number, name in enumerate(ids)]
    links = [re.findall(r'rel="(prev|next)" href="([^"]+)"', html)[:2] for html in pages]
    assert links[1] == [("prev", "a%20b.html"), ("next", "d.html")]
    assert [kind for kind, _ in links[0]] == ["next", "next"]
    assert [kind for kind, _ in links[2]] == ["prev", "prev"]


def test_pseudonyms_are_stable_and_different() -> None:
    """A submission has the same pseudonym in any class of a course, and another one in another course."""
    many = pseudonyms("course", [f"student-{number}" for number in range(2000)])
    assert len(set(many.values())) == 2000
    assert pseudonyms("course", ["student-7"])["student-7"] == many["student-7"]
    assert pseudonyms("other", ["student-7"])["student-7"] != many["student-7"]
    assert re.fullmatch(r"P-\w{4}-\w{4}", many["student-7"])


def test_sentences_lose_names() -> None:
    """Ids, names and logins are replaced in sentences, also in names of files; other words stay."""
    people = [Person("ann", "Ann Example", "ann@x.org", "aex"), Person("bo", "Bo"), Person("gone", "Zoe Late")]
    course = load_course(Path(__file__).resolve().parents[2] / "course.yaml")
    mask = Mask.of(course, ["ann", "bo"], Roster.of(people))
    ann, late = mask.names["ann"], mask.names["gone"]
    text = mask.text("ann: ANN_layer_norm.py of Ann Example (ann@x.org, aex) and Zoe Late; planning stays, bo stays.")
    assert text == f"{ann}: {ann}_layer_norm.py of {ann} ({ann}, {ann}) and {late}; planning stays, bo stays."


def test_the_instructors_pages_have_no_names(tiny: Course, tmp_path: Path) -> None:
    """With pseudonyms, neither page has an id or a name, names.csv has both, and students' reports keep theirs."""
    notices = [Notice("Ignored: annabel_notes.txt.", "annabel"), Notice("Next to the submissions: bertram.py.")]
    both = results(tiny, [submission(tiny, "annabel"), submission(tiny, "bertram")], notices)
    roster = Roster.of([Person("annabel", "Annabel Lee", "al@x.org"), Person("bertram", "Bertram W")])
    modules = {name: {"double": CODE} for name in ("annabel", "bertram")}
    written = write_all(tiny, both, tmp_path, modules, ReportOptions((), roster, marking=True, anonymous=True))
    names = pseudonyms(tiny.id, ["annabel", "bertram"])
    pages = [tmp_path / "class.html", *(tmp_path / "marking" / f"{name}.html" for name in names.values())]
    for path in pages:
        assert path in written.paths
        assert not re.search(r"annabel|bertram|al@x", path.read_text(encoding="utf-8"), re.IGNORECASE)
    table = (tmp_path / "names.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[0] == "pseudonym,submission,name"
    assert f"{names['annabel']},annabel,Annabel Lee" in table
    assert "Annabel Lee (annabel)" in (tmp_path / "reports" / "annabel.md").read_text(encoding="utf-8")
    assert table[1:] == sorted(table[1:])


def test_groups_that_are_alike_lose_their_names(tiny: Course) -> None:
    """Who is nearly the same is shown with pseudonyms."""
    both = results(tiny, [submission(tiny, "annabel"), submission(tiny, "bertram")])
    mask = Mask.of(tiny, ["annabel", "bertram"], Roster())
    likeness = Likeness((Group(("annabel", "bertram"), (Alike("double", "annabel", "bertram", 0.9),)),))
    html = class_page(tiny, mask.results(both), Roster(), mask.likeness(likeness), "marking")
    assert not re.search("annabel|bertram", html)
    assert f'href="marking/{mask.names["annabel"]}.html"' in html


def test_marks_may_use_pseudonyms(tiny: Course, tmp_path: Path) -> None:
    """A pseudonym in the marks stands for its submission, next to others under their ids."""
    path = tmp_path / "marks.yaml"
    path.write_text(f"{pseudonyms(tiny.id, ['ann'])['ann']}: {{comment: A}}\nbob: {{comment: B}}\n", encoding="utf-8")
    register = read_register(tiny, ["ann", "bob"], [], None, [path])
    assert {name: by_hand.comment for name, by_hand in register.by_hand.items()} == {"ann": "A", "bob": "B"}


@pytest.fixture
def graded(tiny: Course, tmp_path: Path) -> Path:
    """Return a folder with the results of a class of four, and their roster next to it."""
    asked = Question("q123456", "double", "test_double_three", "Why\n6: {}?", "", [], "")
    ann = msgspec.structs.replace(submission(tiny, "ann"), questions=[asked])
    rest = [submission(tiny, name, fails=False) for name in ("bob", "0123", "no: {}")]
    write_results(results(tiny, [ann, *rest]), tmp_path / "graded")
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path / "graded"


def filled(course: Course, graded: Path, **request: object) -> dict[str, list[str]]:
    """Write files of marks next to the results; return the submissions in each, after reading it as marks."""
    request = {"out": graded.parent / "m", **request}
    list(write_templates(course, graded, TemplateRequest(**request)))  # type: ignore[arg-type]
    out = graded.parent / "m"
    files: Sequence[Path] = sorted(out.iterdir()) if out.is_dir() else [out]
    known = ["ann", "bob", "0123", "no: {}"]
    return {path.name: list(read_register(course, known, [], None, [path]).by_hand) for path in files}


def test_an_empty_file_of_marks_can_be_read(tiny: Course, graded: Path) -> None:
    """There is an entry for everybody, with scores, failed checks and questions as comments, and it says nothing yet."""
    assert filled(tiny, graded) == {"m": ["0123", "ann", "bob", "no: {}"]}
    text = (graded.parent / "m").read_text(encoding="utf-8")
    assert "#   double: 0 of 2\n#     failed: test_double_three (visible, 0 of 1): Twice 3 is 6.\n" in text
    assert "#   question q123456 about double.test_double_three: Why 6: {}?\n" in text
    assert "  answers:\n    q123456:\n" in text
    register = read_register(tiny, ["ann", "bob", "0123", "no: {}"], [], None, [graded.parent / "m"])
    assert set(map(str, register.by_hand.values())) == {str(ByHand())}


@pytest.mark.parametrize(
    ("request_", "files"),
    [
        ({"section": "tuesday"}, {"m": ["ann"]}),
        ({"marker": "Uma"}, {"m": ["bob"]}),
        ({"by": "marker"}, {"Tom.yaml": ["ann"], "Uma.yaml": ["bob"], "none.yaml": ["0123", "no: {}"]}),
        ({"by": "section", "marker": "Tom"}, {"Tuesday.yaml": ["ann"]}),
    ],
)
def test_marks_are_divided_as_the_roster_says(
    tiny: Course, graded: Path, request_: dict[str, object], files: dict[str, list[str]]
) -> None:
    """By section or marker, each submission is in one file; a group is in that of the first who has one."""
    assert filled(tiny, graded, roster=graded.parent / "roster.csv", **request_) == files


def test_anonymous_marks_have_no_names(tiny: Course, graded: Path) -> None:
    """With pseudonyms, the file has neither ids nor names, and it is read for the same submissions."""
    files = filled(tiny, graded, roster=graded.parent / "roster.csv", anonymous=True)
    assert sorted(files["m"]) == ["0123", "ann", "bob", "no: {}"]
    assert not re.search("Ann|Bob|bob|0123", (graded.parent / "m").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"section": "Tuesdya"},
            "has the section `Tuesdya` (did you mean `Tuesday`?). Choose one of: Friday, Tuesday.",
        ),
        ({"by": "name"}, "no column `name` to divide by. Choose one of: section, marker."),
        ({"section": "Tuesday", "roster": None}, "Name it: --roster FILE.csv"),
    ],
)
def test_what_cannot_be_divided_is_a_sentence(
    tiny: Course, graded: Path, request_: dict[str, object], message: str
) -> None:
    """An unknown section or column, and a missing roster, are errors that say what to choose."""
    with pytest.raises(UsageError) as raised:
        filled(tiny, graded, **{"roster": graded.parent / "roster.csv", **request_})
    assert message in str(raised.value)


def test_no_file_of_marks_is_replaced(tiny: Course, graded: Path) -> None:
    """If one of the files is there, none is written."""
    roster = graded.parent / "roster.csv"
    (graded.parent / "m").mkdir()
    (graded.parent / "m" / "Uma.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"Uma\.yaml is there already"):
        filled(tiny, graded, by="marker", roster=roster)
    assert [path.name for path in (graded.parent / "m").iterdir()] == ["Uma.yaml"]
    with pytest.raises(UsageError, match="Name the folder that grader grade wrote"):
        list(write_templates(tiny, graded / "nowhere", TemplateRequest()))


def test_a_class_is_marked_without_names(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Grading prints pseudonyms; an empty file of marks comes from the results, and goes back into the next run."""
    root = tiny_course().parent
    for name in ("annabel", "bertram"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "double.py").write_bytes(CODE)
    grading = ("grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--anonymous")
    first = run(root, *grading)
    assert first.returncode == 0, first.stderr
    assert not re.search("annabel|bertram", first.stdout + first.stderr)
    template = run(root, "marks", str(tmp_path / "out"), "--out", str(tmp_path / "marks.yaml"), "--anonymous")
    assert template.returncode == 0, template.stderr
    text = (tmp_path / "marks.yaml").read_text(encoding="utf-8")
    (tmp_path / "marks.yaml").write_text(text.replace("  comment:\n", "  comment: Fine.\n"), encoding="utf-8")
    second = run(root, *grading, "--marks", str(tmp_path / "marks.yaml"))
    assert second.returncode == 0, second.stderr
    assert "> Fine." in (tmp_path / "out" / "reports" / "annabel.md").read_text(encoding="utf-8")
