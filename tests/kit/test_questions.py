"""A student's question about a check: from their copy, through any way of handing in, to the answer in their report."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checks.outcome import Outcome
from grader.course import Course, load_course
from grader.errors import ClassFileError, UsageError
from grader.failures.rows import Row
from grader.grading.class_files import Register, read_register
from grader.grading.intake import take_in
from grader.grading.marks import ByHand
from grader.grading.questions import Asked, encoded, with_questions
from grader.grading.results import Question, Results, results
from grader.handin.questions import questions_of
from grader.reports.feedback import feedback
from grader.reports.html import class_page, student_page
from grader.reports.likeness import Likeness
from grader.reports.questions import questions_table
from grader.reports.roster import Roster
from grader.study.ask import AskRequest, ask
from grader.study.last_cases import last_cases, save_last_cases
from tests.kit.test_cli import run
from tests.kit.test_marks import result

TinyCourse = Callable[..., Path]
CHECK = "test_double_three"
HOSTILE = Asked(
    "double",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>\x1b[31m\n# A heading\n=1+1",
    "<b>case</b>\n" * 100,
    ["y" * 1000] * 50,
)


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course as a student has it."""
    return load_course(tiny_course())


def asks(course: Course, about: str = "", question: str = "", withdraw: bool = False) -> list[str]:
    """Ask, and return what is printed."""
    return list(ask(course, AskRequest(about, question, withdraw)))


def failed(course: Course, check: str = CHECK) -> None:
    """Keep a failing case of a check of `double`, as a run of pytest does."""
    outcome = Outcome("failed", rows=(Row("got", ("9",)), Row("hint", ("No.",))), counterexample="double(3)")
    save_last_cases(course, [(course.by_id["double"].check(check), outcome)])


def hand_in(folder: Path, content: bytes, name: str = "questions.json") -> Path:
    """Write a submission with a module and a file."""
    folder.mkdir()
    (folder / "double.py").write_text("def double(x):\n    return 3 * x\n", encoding="utf-8")
    (folder / name).write_bytes(content)
    return folder


def answered(course: Course, asked: tuple[Asked, ...], register: Register | None = None) -> tuple[Results, list[str]]:
    """Return the results of ann, who asked, with the answers."""
    return with_questions(course, results(course, [result(course)]), {"ann": asked}, register or Register())


def test_a_question_is_kept_with_its_case(tiny: Course) -> None:
    """The question gets the case of the last run; asked again, it isn't there twice, and it can be taken back."""
    failed(tiny)
    lines = asks(tiny, f"tests/visible/test_double.py::{CHECK}", "Why 6?\nReally?")
    assert lines[0].endswith(f"about double.{CHECK} is in exercises/questions.json.")
    assert lines[1] == "With it is the smallest case that failed when you last ran the check."
    asks(tiny, CHECK, "Why 6?\nReally?")
    asks(tiny, "double", "How long does it take?")
    first, second = questions_of(tiny).asked
    assert first == Asked("double", CHECK, "Why 6?\nReally?", "double(3)", ["got: 9"])
    assert (second.about, second.case) == ("double", "double(3)")
    assert asks(tiny)[1:] == [
        f"  {first.id}  double.{CHECK}: Why 6? Really?",
        f"  {second.id}  double: How long does it take?",
    ]
    assert asks(tiny, CHECK, withdraw=True) == ["Removed: 1 of your questions, from exercises/questions.json."]
    assert questions_of(tiny).about == "With 1 question to your instructor: double"


def test_a_check_that_passes_loses_its_case(tiny: Course) -> None:
    """The next run of a check replaces its case; other checks keep theirs."""
    failed(tiny)
    assert last_cases(tiny)[f"double.{CHECK}"].failure == ["got: 9"]
    save_last_cases(tiny, [(tiny.by_id["double"].check(CHECK), Outcome("passed"))])
    assert last_cases(tiny) == {}
    assert asks(tiny, CHECK, "Why?")[1].startswith("The check has no failing case from your last run.")


@pytest.mark.parametrize(
    ("about", "question", "message"),
    [
        ("test_double_tree", "Why?", "no visible check `test_double_tree` (did you mean `test_double_three`?)"),
        ("test_double_equals_the_reference", "Why?", "There is no visible check"),
        (CHECK, "  ", "Your question is empty"),
        (CHECK, "x" * 2001, "has 2001 characters, and at most 2000 are kept"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(tiny: Course, about: str, question: str, message: str) -> None:
    """Unknown and hidden checks, and empty or long questions, are refused, and nothing is written."""
    with pytest.raises(UsageError) as raised:
        asks(tiny, about, question)
    assert message in str(raised.value)
    assert not (tiny.stubs / "questions.json").exists()


def test_a_damaged_file_is_kept(tiny: Course) -> None:
    """A file that can't be read is neither replaced nor packed, and both commands say so."""
    tiny.stubs.mkdir()
    (tiny.stubs / "questions.json").write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="Move it away, and ask again"):
        asks(tiny, CHECK, "Why?")
    assert (tiny.stubs / "questions.json").read_text(encoding="utf-8") == "{"
    assert questions_of(tiny).problem.startswith("exercises/questions.json isn't in the archive: it isn't a file")


@pytest.mark.parametrize("name", ["questions.json", "questions (1).json", "Questions-2.json"])
def test_questions_arrive_in_any_upload(tiny: Course, tmp_path: Path, name: str) -> None:
    """The file is read on top, in a folder and in an archive, also under the name that a browser gave it."""
    asked = Asked("double", CHECK, "Why?")
    folder = hand_in(tmp_path / "ann", encoded([asked]), name)
    assert take_in(folder, tiny).questions == (asked,)
    with zipfile.ZipFile(tmp_path / "bob.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"work/exercises/{path.name}")
    arrived = take_in(tmp_path / "bob.zip", tiny)
    assert (arrived.questions, arrived.notes) == ((asked,), ())
    (folder / "copy").mkdir()
    shutil.copy(folder / name, folder / "copy" / name)
    assert take_in(folder, tiny).questions == (asked,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00binary\x00" * 100,
        b'{"schema": 1, "questions": ' + b"[" * 100_000,
        b'{"schema": 1, "questions": ["' + b"x" * 2**18 + b'"]}',
        b"a: &a [x, x]\nb: &b [*a, *a]\n",
        b'{"schema": 7, "questions": []}',
        b'{"schema": ' + b"9" * 5000 + b', "questions": []}',
        encoded([Asked("double", "", str(number)) for number in range(21)]),
    ],
    ids=["empty", "binary", "deep", "huge", "YAML", "schema", "a huge number", "many"],
)
def test_a_bad_file_is_named_and_costs_nothing(tiny: Course, tmp_path: Path, content: bytes) -> None:
    """Whatever is in the file, the module is graded, and a sentence says why there are no questions."""
    arrived = take_in(hand_in(tmp_path / "ann", content), tiny)
    assert (list(arrived.sources), arrived.questions) == (["double"], ())
    (note,) = arrived.notes
    assert note.startswith("The questions in questions.json were not read: it ")


def test_hostile_text_is_short_and_harmless(tiny: Course, tmp_path: Path) -> None:
    """Long text is cut, control characters go, and no page or table has HTML or a formula of a student's."""
    (asked,) = take_in(hand_in(tmp_path / "ann", encoded([HOSTILE])), tiny).questions
    assert (len(asked.case.splitlines()), len(asked.failure), len(asked.failure[0])) == (60, 12, 300)
    assert "\x1b" not in asked.question
    graded, _ = answered(tiny, (asked,))
    (submission,) = graded.submissions
    pages = [student_page(tiny, submission, Roster()), class_page(tiny, graded, Roster(), Likeness())]
    for page in [*pages, feedback(tiny, submission)]:
        assert "onerror" in page
        assert not any(tag in page for tag in ("<img", "<script", "<b>case"))
    assert "\n# A heading" not in feedback(tiny, submission)
    assert "script" not in graded.notices[0].text


def test_open_questions_are_listed(tiny: Course) -> None:
    """A question without an answer is a notice, on the page about the class, and in the table; nothing of it is lost."""
    questions = (Asked("double", CHECK, "Why 6?", "double(3)", ["got: 9"]), Asked("fractions", "", "Where are they?"))
    graded, _ = answered(tiny, questions)
    assert [(notice.kind, notice.text) for notice in graded.notices] == [
        (
            "question",
            f"A question about `double.{CHECK}` has no answer yet. Read it in questions.csv, and answer it in your marks.",
        ),
        ("remark", "A question is about `fractions`, which isn't an exercise: Where are they?"),
    ]
    page = class_page(tiny, graded, Roster(), Likeness())
    assert all(text in page for text in ("Open questions", "Why 6?", "double(3)", "got: 9", questions[0].id))
    assert f"ann,,{questions[0].id},double,{CHECK},open,Why 6?,double(3),got: 9,\r\n" in questions_table(
        graded, Roster()
    )
    assert "> Not answered yet." in feedback(tiny, graded.submissions[0])


@pytest.mark.parametrize(
    "register",
    [
        Register(by_hand={"ann": ByHand(answers={Asked("double", CHECK, "Why 6?").id: "Twice *three*."})}),
        Register(by_hand={"ann": ByHand(answers={f"double.{CHECK}": "Twice *three*."})}),
        Register(answers={f"double.{CHECK}": "Twice *three*."}),
    ],
    ids=["by its id", "by its check", "for everybody"],
)
def test_an_answer_is_next_to_its_question(tiny: Course, register: Register) -> None:
    """An answer by question or check, to one student or to all, is in the report, and the question isn't open."""
    graded, remarks = answered(tiny, (Asked("double", CHECK, "Why 6?"),), register)
    assert (graded.notices, remarks) == ([], [])
    (submission,) = graded.submissions
    assert submission.questions[0].answer == "Twice *three*."
    assert "**Double: Twice 3 is 6.**\n\nWhy 6?\n\n> Twice *three*.\n" in feedback(tiny, submission)
    assert "<p>Twice <em>three</em>.</p>" in student_page(tiny, submission, Roster())


def test_an_answer_without_its_question_is_named(tiny: Course) -> None:
    """If a student asks in other words, the answer to the old question is a remark, and the new one is open."""
    register = Register(by_hand={"ann": ByHand(answers={"q000000": "Yes."})})
    graded, remarks = answered(tiny, (Asked("double", CHECK, "Why 6?"),), register)
    assert remarks[0].startswith("Answers to questions that aren't in the submission (any more): ann (q000000).")
    assert [notice.kind for notice in graded.notices] == ["question"]


def test_no_title_of_a_hidden_check_is_given_away(tiny: Course) -> None:
    """A question that names a hidden check is shown with the name that the student wrote, and no title."""
    (hidden,) = [check for check in tiny.by_id["double"].checks if check.visibility == "hidden"]
    graded, _ = answered(tiny, (Asked("double", hidden.id, "Why?"),))
    assert hidden.title not in feedback(tiny, graded.submissions[0])


def test_answers_are_read(tiny: Course, tmp_path: Path) -> None:
    """Answers are for checks, by full name or by an unambiguous one, for exercises, or for questions of a student."""
    path = tmp_path / "marks.yaml"
    path.write_text(
        f"answers: {{{CHECK}: A, double: B, twice: }}\nann: {{answers: {{q12ab34: C}}}}\n", encoding="utf-8"
    )
    register = read_register(tiny, ["ann"], [], None, [path])
    assert register.answers == {f"double.{CHECK}": "A", "double": "B"}
    assert register.by_hand["ann"].answers == {"q12ab34": "C"}
    path.write_text("ann: {answers: {q12ab345: C}}\n", encoding="utf-8")
    with pytest.raises(ClassFileError, match="there is no question or check `q12ab345`"):
        read_register(tiny, ["ann"], [], None, [path])


def test_from_asking_to_the_answer(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A student asks with the command, the instructor grades, answers, and grades again: the report has the answer."""
    root = tiny_course().parent
    (root / "exercises").mkdir(exist_ok=True)
    (root / "exercises" / "double.py").write_text("def double(x):\n    return 3 * x\n", encoding="utf-8")
    asked = run(root, "ask", CHECK, "--question", "Why [6]?")
    assert asked.returncode == 0, asked.stderr
    shutil.copytree(root / "exercises", tmp_path / "class" / "ann", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tmp_path / "class" / "ann", tmp_path / "class" / "bob")
    grading = ("grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"))
    first = run(root, *grading)
    assert f"    ann, bob: A question about `double.{CHECK}` has no answer yet." in first.stdout
    (question, _) = (
        submission["questions"][0]
        for submission in json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["submissions"]
    )
    assert question["question"] == "Why [6]?"
    (tmp_path / "marks.yaml").write_text(f"answers: {{{CHECK}: Because of 2.}}\n", encoding="utf-8")
    second = run(root, *grading, "--marks", str(tmp_path / "marks.yaml"))
    assert "Open questions" not in second.stdout
    assert "> Because of 2." in (tmp_path / "out" / "reports" / "bob.md").read_text(encoding="utf-8")


def test_a_question_knows_what_it_is_about() -> None:
    """A question of a check is named after both, and one of an exercise after that."""
    assert Question("q1", "double", "", "Why?", "", [], "").about == "double"
    assert Question("q1", "double", CHECK, "Why?", "", [], "").about == f"double.{CHECK}"
