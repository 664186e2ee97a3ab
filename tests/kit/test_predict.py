"""`grader predict`: questions about what code answers, in the terminal, as JSON, on pages, on sheets and for a class."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from grader.authoring.site_pages import lesson
from grader.course import load_course
from grader.errors import UsageError
from grader.practice.numbers import number_questions
from grader.practice.option_texts import APART, MOST_ANSWER_NUMBERS, clearly_apart
from grader.practice.pages import HEADING, with_questions
from grader.practice.question import LETTERS, Option, Question, QuestionBook, explanation, load_questions
from grader.practice.question_files import write_files
from grader.practice.sheet import write_sheet
from grader.study.class_answers import count_answers, table
from grader.study.predicting import (
    UNKNOWN,
    answer,
    answer_number,
    next_exercise,
    number_question,
    questions_for,
    summary,
)
from grader.study.state import load_state
from tests.kit.commands import run_module

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT / "course.yaml")
BOOKS = {exercise: load_questions(COURSE, exercise) for exercise in COURSE.by_id}
TWICE = Question(
    "0a1b",
    ("double(3)",),
    "What comes back?",
    (
        Option("5", "adds_two", "You add 2.", "Twice 3 is 6."),
        Option("6"),
        Option("9", "squares", "Your number is squared.", "Twice 3 is 6."),
    ),
)


def silent(sentence: str) -> None:
    raise AssertionError(sentence)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what a learner needs to answer questions, without solutions or hidden checks."""
    for name in ("exercises", "tests/visible", "solutions/standins"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "course.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("exercise", BOOKS)
def test_every_exercise_has_clear_questions(exercise: str) -> None:
    """Two to four come before; each has one right option, and the others are mistakes that answer clearly otherwise."""
    book = BOOKS[exercise]
    assert 2 <= len(book.before) <= 4, exercise
    assert len({question.id for question in book.questions}) == len(book.questions)
    for question in book.questions:
        texts = [option.text for option in question.options]
        assert sum(option.is_right for option in question.options) == 1
        assert 3 <= len(texts) <= len(LETTERS)
        assert all(clearly_apart(one, other) for number, one in enumerate(texts) for other in texts[:number])
        assert all(len(re.findall(r"\d+\.?\d*", text)) <= MOST_ANSWER_NUMBERS for text in texts)
        wrong = [option for option in question.options if not option.is_right]
        assert len({option.mistake for option in wrong}) == len(wrong)
        assert all(option.did and option.why for option in wrong)


def test_questions_are_those_that_the_generator_writes() -> None:
    """A file is what `grader questions` writes from today's cases; `make questions` looks at all of them."""
    [written] = write_files(COURSE, COURSE.by_id["simple_tokenizer"], dry=True)
    assert not written.is_new
    assert written.considered > len(written.book.questions) + sum(written.rejected.values()) / 10


def test_options_differ_by_more_than_a_rounding() -> None:
    """Two numbers that are nearly the same can't both be options; other words, or more numbers, are clear."""
    assert not clearly_apart("[1, 0.33]", f"[1, {0.33 + APART / 2}]")
    assert clearly_apart("[1, 0.33]", f"[1, {0.33 + 2 * APART}]")
    assert not clearly_apart("1000", "1001")
    assert clearly_apart("[1]", "[[1]]")
    assert clearly_apart("nan", "0")


def test_an_explanation_is_in_the_general_form() -> None:
    """Whoever picks a wrong option hasn't made the mistake, so the sentence is about who does."""
    first, right, last = TWICE.options
    assert explanation(first) == "That comes out if you add 2. Twice 3 is 6."
    assert explanation(last) == "That comes out if your number is squared. Twice 3 is 6."
    assert right.is_right
    assert TWICE.right == 1


def test_the_first_answer_counts(copy: Path) -> None:
    """An answer is kept, with its mistake and whether it came before; a second one is only a comment."""
    course = load_course(copy / "course.yaml")
    asked = questions_for(course, "layer_norm", silent)
    assert {each.stage for each in asked} == {"before"}
    first = asked[0]
    wrong = next(number for number, option in enumerate(first.question.options) if not option.is_right)
    response = answer(course, "layer_norm", first, LETTERS[wrong], silent)
    assert not response.is_right
    assert first.question.options[wrong].why in response.sentence
    assert answer(course, "layer_norm", first, response.right, silent).is_right
    [kept] = load_state(course, silent).of("layer_norm").predictions.values()
    assert (kept.mistake, kept.stage) == (first.question.options[wrong].mistake, "before")
    again = questions_for(course, "layer_norm", silent)
    assert again[0].answer == LETTERS[wrong]
    assert summary(again[:1]) == "0 of 1 right at the first try."
    with pytest.raises(UsageError, match="a letter from a to"):
        answer(course, "layer_norm", first, "z", silent)


def test_the_next_exercise_is_asked_about(copy: Path) -> None:
    """Without a name, the questions are about the exercise that comes next."""
    assert next_exercise(load_course(copy / "course.yaml"), silent) == "adaline"


def test_the_command_asks_and_answers(copy: Path) -> None:
    """Without a terminal, the questions are printed, and `--answer` answers one; `--json` gives the same as data."""
    shown = run_module("grader", "predict", "layer_norm", cwd=copy)
    assert shown.returncode == 0
    assert "Question 1 of 4" in shown.stdout
    assert "a) " in shown.stdout
    asked = json.loads(run_module("grader", "predict", "layer_norm", "--json", cwd=copy).stdout)
    first = asked["questions"][0]
    assert (asked["command"], first["answer"], first["stage"]) == ("predict", "", "before")
    assert f"grader predict layer_norm --answer {first['id']}=a" in shown.stdout
    done = run_module("grader", "predict", "layer_norm", "--answer", f"{first['id']}={first['right']}", cwd=copy)
    assert done.stdout == "Right.\n"
    after = json.loads(run_module("grader", "predict", "layer_norm", "--json", cwd=copy).stdout)
    assert after["questions"][0]["answer"] == first["right"]
    refused = run_module("grader", "predict", "layer_norm", "--answer", "none=a", cwd=copy)
    assert refused.returncode == 2
    assert "has no question none" in refused.stderr


def test_numbers_are_asked_with_a_seed_of_ones_own(copy: Path) -> None:
    """Two learners get other orders; a wrong number that a known mistake gives has its sentence, and others have none."""
    course = load_course(copy / "course.yaml")
    question = number_question(course, "accounting", silent)
    assert number_question(course, "accounting", silent) == question
    number, slip = next(iter(question.slips.items()))
    assert slip.why in answer_number(course, "accounting", question, number, silent).sentence
    following = number_question(course, "accounting", silent)
    assert following.id != question.id
    other = str(following.right + 1)
    while other in following.slips:
        other += "1"
    assert answer_number(course, "accounting", following, other, silent).sentence == ""
    kept = load_state(course, silent).of("accounting").predictions
    assert [kept[question.id].mistake, kept[following.id].mistake] == [slip.mistake, UNKNOWN]
    third = number_question(course, "accounting", silent)
    assert answer_number(course, "accounting", third, f"{third.right:,}", silent).is_right
    with pytest.raises(UsageError, match="Type a whole number"):
        answer_number(course, "accounting", third, "many", silent)
    with pytest.raises(UsageError, match="no questions about numbers"):
        number_question(course, "layer_norm", silent)
    seed = load_state(course, silent).seed
    (copy / "progress" / "progress.yaml").unlink()
    number_question(course, "accounting", silent)
    assert load_state(course, silent).seed != seed


def test_recorded_numbers_are_the_solutions() -> None:
    """The questions about numbers are what the generator writes today, with at least two known slips each."""
    written = number_questions(COURSE, "accounting")
    assert tuple(written) == BOOKS["accounting"].numbers
    assert len(written) > 40
    assert all(len(question.slips) >= 2 and str(question.right) not in question.slips for question in written)


def test_a_page_shows_the_questions_without_a_server() -> None:
    """The lesson's page has them before the code to write; each option opens what it means."""
    page = lesson(COURSE, COURSE.by_id["layer_norm"])
    assert page.index(HEADING) < page.index("## The code to write")
    assert page.count("<details>") == sum(len(question.options) for question in BOOKS["layer_norm"].before)
    section = page[page.index(HEADING) : page.index("## The code to write")]
    assert "<strong>Question 2</strong>" in section
    assert "`" not in section, "names in sentences are code"
    block = with_questions("# Title\n\n## The code to write\n", QuestionBook((TWICE,)))
    assert "<summary>a) <code>5</code></summary><p>That comes out if you add 2. Twice 3 is 6.</p>" in block
    assert "<summary>b) <code>6</code></summary><p>Right.</p>" in block
    assert "\n\n" not in block[block.index("<div") : block.index("</div>")]


def test_a_sheet_has_questions_first_and_answers_last(tmp_path: Path) -> None:
    """As HTML and as PDF; another kind of file is refused."""
    html, pdf = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    write_sheet(COURSE, ["layer_norm"], html)
    text = html.read_text(encoding="utf-8")
    first = BOOKS["layer_norm"].before[0]
    wrong = next(option for option in first.options if not option.is_right)
    assert text.index("Question 1</h3>") < text.index("<h2>Answers</h2>")
    assert wrong.mistake not in text
    write_sheet(COURSE, ["layer_norm"], pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    with pytest.raises(UsageError, match=r"\.html or \.pdf"):
        write_sheet(COURSE, ["layer_norm"], tmp_path / "sheet.txt")


def test_a_class_is_counted_before_and_after(copy: Path, tmp_path: Path) -> None:
    """The table has the share of right first answers and the most common mistakes; a broken file is named."""
    course = load_course(copy / "course.yaml")
    question = BOOKS["layer_norm"].before[0]
    wrong = next(option for option in question.options if not option.is_right)
    for student, mistake, letter in (("ann", wrong.mistake, "a"), ("bob", "", "b")):
        folder = tmp_path / "class" / student / "progress"
        folder.mkdir(parents=True)
        kept = {"mistake": mistake, "stage": "before", "letter": letter}
        state = {"exercises": {"layer_norm": {"predictions": {question.id: kept}}}}
        (folder / "progress.yaml").write_text(json.dumps(state), encoding="utf-8")
    broken = tmp_path / "class" / "eve" / "progress"
    broken.mkdir(parents=True)
    (broken / "progress.yaml").write_text("exercises: [", encoding="utf-8")
    told: list[str] = []
    answers = count_answers(course, tmp_path / "class", told.append)
    assert answers.students == 2
    assert len(told) == 1
    assert "eve" in told[0]
    [row] = [[str(cell) for cell in column.cells] for column in table(course, answers).columns[:1]]
    assert row == ["layer_norm"]
    cells = [next(iter(column.cells)) for column in table(course, answers).columns]
    assert [str(cell) for cell in cells][1:4] == ["before", "2", "50 %"]
    assert wrong.did in str(cells[4])
    with pytest.raises(UsageError, match="Nobody's answers"):
        count_answers(course, tmp_path / "class" / "eve", told.append)
