"""`course.yaml` is validated, and each mistake in it is reported with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.course import Course, default_part, find_course, load_course
from grader.errors import CourseError

HEAD = "id: c\ntitle: C\nexercises:\n"
ONE = "  - {id: a, title: A}\n"


def test_the_course_has_its_exercises_in_order(course: Course) -> None:
    """The course holds a warm-up and a baseline, and then the book's exercises, of which some count by default."""
    warm_up = ["adaline", "bigram_baseline"]
    core = ["bpe_tokenizer", "causal_attention", "multi_head_attention", "layer_norm", "gpt_block", "training_loop"]
    assert [exercise.id for exercise in default_part(course).exercises] == warm_up + core
    of_the_book = next(track.exercises for track in course.tracks if track.id == "book")
    assert [exercise.id for exercise in course.exercises] == warm_up + of_the_book


def test_every_exercise_has_visible_and_hidden_checks(course: Course) -> None:
    """Every exercise has visible and hidden checks, and every check is worth something."""
    for exercise in course.exercises:
        assert {check.visibility for check in exercise.checks} == {"visible", "hidden"}, exercise.id
        assert all(check.points > 0 for check in exercise.checks), exercise.id


def test_titles_are_sentences_of_one_line(course: Course) -> None:
    """The first line of a check's docstring is a whole sentence that fits a line."""
    for exercise in course.exercises:
        for check in exercise.checks:
            assert check.title.endswith((".", "?", "!")), f"{check.id}: {check.title}"
            assert len(check.title) <= 120, check.id


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id: c\ntitle: [\n", 2, "not valid YAML: a [ or { isn"),
        ("id: c\ntitle: 5\nexercises: []\n", 2, 'put it in quotes, as in "5"'),
        ("id: c\ntitle: C\nexercises: []\n", 3, "at least one"),
        ("id: c\ntitle: C\nfoo: 1\nexercises: []\n", 3, "unknown key `foo`"),
        (HEAD + "  - {id: a, title: A}\n  - {id: a, title: B}\n", 5, "two exercises"),
        (HEAD + "  - {id: A-b, title: A}\n", 4, "module's name"),
        (HEAD + "  - id: a\n    title: A\n    needs: [b]\n", 6, "needs `b`"),
        (HEAD + "  - id: a\n    title: A\n    weights: {test_x: 1}\n", 6, "no check `test_x`"),
        (HEAD + "  - id: a\n    title: A\n    worth: lots\n", 6, "must be a number"),
        (HEAD + "  - id: a\n    title: A\n    worth: -1\n", 6, "less than 0"),
        (HEAD + "  - id: a\n    title: A\n    points: 10\n", 6, "10 points for each check, and not for the exercise"),
        (HEAD + "  - id: a\n    title: A\n    points: {test_x: 1}\n", 6, "write `worth: 10`"),
        ("id: c\ntitle: C\npoints: 1\nexercises:\n  - {id: a, title: A}\n", 3, "write `worth: 10`"),
        (HEAD + "  - id: a\n    title: A\n    limits: {cal: 3}\n", 6, "did you mean `call`?"),
        ("id: c\ntitle: C\nlimits: {call: 0}\nexercises:\n  - {id: a, title: A}\n", 3, "above 0"),
        ("id: c\ntitle: C\nmistake_cap: 2\nexercises:\n  - {id: a, title: A}\n", 3, "between 0 and 1"),
        (HEAD + "  - id: a\n    title: A\n  - id: b\n    title: B\n    needs: [a]\n", 8, "no stand-in"),
        (HEAD + ONE + "hidden_feedback: all\n", 5, "one of case, category, message, title"),
        (HEAD + ONE + "assignments:\n  - {id: a b, exercises: [a]}\n", 6, "folder's name"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [b]}\n", 6, "no exercise `b`"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a]}\n  - {id: y, exercises: [a]}\n", 7, "two assignments"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a]}\n  - {id: x, exercises: []}\n", 7, "two assignments"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 2027-01-31 23:59:00}\n", 6, "time zone"),
        (
            HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 2027-01-31}\n",
            6,
            "needs a time and a time zone",
        ),
        (HEAD + ONE + "capstone: {module: A-b, uses: [a]}\n", 5, "module's name"),
        (HEAD + ONE + "capstone: {module: x, uses: []}\n", 5, "list the ones it uses"),
        (HEAD + ONE + "capstone: {module: x, uses: [b]}\n", 5, "no exercise `b`"),
        (HEAD + ONE + "capstone: {module: x, uses: [a, a]}\n", 5, "twice"),
        (HEAD + ONE + "capstone: {module: x}\n", 5, "the key `uses` is missing"),
        (HEAD + "  - {id: a, title: A, draft: true}\n", 3, "isn't a draft"),
        (
            HEAD + ONE + "capstone: {module: x, uses: [a], milestones: [{after: b, title: B, command: c}]}\n",
            5,
            "no exercise `b`",
        ),
        (
            HEAD + ONE + "  - {id: b, title: B, draft: true}\nassignments:\n  - {id: x, exercises: [b]}\n",
            7,
            "is a draft",
        ),
        (HEAD + ONE + "minimum: {styles: -1}\n", 5, "negative"),
        (HEAD + ONE + "hidden_feedbak: title\n", 5, "did you mean `hidden_feedback`?"),
        (HEAD + ONE + "hidden-feedback: title\n", 5, "write `hidden_feedback`"),
        (HEAD + ONE + "hidden_feedback: {before_due: titel}\n", 5, "did you mean `title`?"),
        (HEAD + "  - id: a\n    title: A\n    time_limit: 20s\n", 6, "write `limits: {call: 20}`"),
        (HEAD + "  - id: a\n    title: A\n    limits: {call: 20s}\n", 6, "write 20 instead of `20s`"),
        (HEAD + "  - id: a\n    title: A\n    limits: {call: -1}\n", 6, "above 0"),
        (HEAD + ONE + "limits: {submission: 10 minutes}\n", 5, "write 600 instead of"),
        (HEAD + ONE + "limits: {call: .nan}\n", 5, "above 0"),
        (HEAD + ONE + "limits: [call, 3]\n", 5, "without a dash"),
        (HEAD + ONE + "limits: 20\n", 5, "with the keys call, after_timeout"),
        (HEAD + "  - id: a\n    title: A\n    worth: ten\n", 6, "write 10 instead of `ten`"),
        (HEAD + "  - id: a\n    title: A\n    worth: '10'\n", 6, "remove the quotes"),
        (HEAD + ONE + "mistake_cap: 10%\n", 5, "write 0.1"),
        (HEAD + ONE + "minimum: {mistakes: 1.5}\n", 5, "whole number"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 31.01.2027}\n", 6, "not a date and time"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 2027-02-30}\n", 6, "not a date"),
        (
            HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 2027-01-31 23:59 +01:00}\n",
            6,
            "must be written as 2027-01-31T23:59:00+01:00",
        ),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: a}\n", 6, "write [a]"),
        (HEAD + ONE + "assignments:\n  x: {exercises: [a]}\n", 5, "begin each item with a dash"),
        (HEAD + "  - {id: layer_norm, title: A}\nassignments:\n  - {id: x, exercises: [layernorm]}\n", 6, "did you"),
        (HEAD + "  - {id: a, title: A, draft: maybe}\n", 4, "true or false"),
        (HEAD + "  - a\n", 4, "must be a mapping"),
        (HEAD + "  - {id: a, title: }\n", 4, "nothing here"),
        (HEAD + "  - id: a\n\ttitle: A\n", 5, "a tab"),
        (HEAD + "  - id: a\n    title: A\n    title: B\n", 6, "appears twice"),
        (HEAD + "  - id: a\n    title: One: two\n", 5, "Put the text in quotes"),
        (HEAD + "  - id: a\n    title: 'A\n", 5, "never closed"),
        (HEAD + "  - {id: a, title: A\n", 4, "Add }"),
        (HEAD + "  - id: a\n   title: A\n", 5, "indentation"),
        (HEAD + "  - id a\n    title: A\n", 4, "a colon is missing"),
        ("id:c\ntitle: C\n", 1, "a space is missing"),
        (HEAD + ONE + "---\nid: d\n", 5, "second document"),
        (HEAD + ONE + "boilerplate: lectures\n", 5, "write [lectures]"),
        (HEAD + ONE + "limits: {call: 500ms}\n", 5, "write 0.5"),
        (HEAD + "  - {id: a, title: A, free: {name: [x]}}\n", 4, "did you mean `names`?"),
        (HEAD + ONE + "hidden_feedback: [title]\n", 5, "is a list"),
        (HEAD + "  -id: a\n   title: A\n", 4, "a space is missing after the dash"),
        (HEAD + "  - {id: a, title: A}}\n", 4, "closes a bracket"),
        ("<<<<<<< HEAD\n" + HEAD + ONE, 1, "a merge in git"),
        (HEAD + "  - {id: a, title: ä\x07}\n", 4, "U+0007"),
        (HEAD + "  - {id: a, title: @a}\n", 4, "in quotes"),
        ("", 1, "nothing here"),
        ("- a\n", 1, "is a list"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """Each kind of mistake raises CourseError with the file, the line and what is wrong."""
    path = tmp_path / "course.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=f"line {line}\\b") as raised:
        load_course(path)
    assert message in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_course_that_is_no_text_is_told(tmp_path: Path) -> None:
    """A binary file instead of course.yaml gives a message, not a traceback."""
    path = tmp_path / "course.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CourseError, match="cannot be read"):
        load_course(path)


def test_a_check_without_a_docstring_is_refused(tiny_course: Callable[..., Path]) -> None:
    """A check's title is its docstring, so it must have one."""
    path = tiny_course(tests__visible__test_double_dot_py="def test_it(learner):\n    pass\n")
    with pytest.raises(CourseError, match="needs a docstring"):
        load_course(path)


def test_two_checks_of_one_name_are_refused(tiny_course: Callable[..., Path]) -> None:
    """A check's id is unique within its exercise, visible and hidden ones together."""
    text = 'def test_double_three(learner):\n    """Title."""\n'
    with pytest.raises(CourseError, match="two checks `test_double_three`"):
        load_course(tiny_course(tests__hidden__test_double_dot_py=text))


def test_points_titles_and_hints_are_read(tiny_course: Callable[..., Path]) -> None:
    """Points come from course.yaml, title and hint from the docstring."""
    tiny = load_course(tiny_course())
    first = tiny.by_id["double"].check("test_double_three")
    assert (first.title, first.hint, first.points) == ("Twice 3 is 6.", "Adding one is not doubling.", 1.0)
    assert tiny.by_id["twice"].max_score == 4.0


def test_needs_are_followed(tiny_course: Callable[..., Path]) -> None:
    """What an exercise needs includes what those exercises need."""
    assert load_course(tiny_course()).all_needs("twice") == ("double",)


def test_the_course_is_found_from_a_folder_below(course: Course) -> None:
    """The course is found from any of its folders."""
    assert find_course(course.solutions) == course.root / "course.yaml"
    with pytest.raises(CourseError, match="--course"):
        find_course(Path("/"))


def test_hidden_checks_are_told_of_in_stages(tmp_path: Path) -> None:
    """Feedback has a level before and one after the due date, or one for both; an exercise is in one assignment."""
    path = tmp_path / "course.yaml"
    stages = "hidden_feedback: {before_due: category, after_due: message}\n"
    with_due_date = "assignments:\n  - {id: x, exercises: [a], due: 2027-01-31T23:59:00+01:00}\n"
    path.write_text(HEAD + ONE + "  - {id: b, title: B}\n" + stages + with_due_date, encoding="utf-8")
    course = load_course(path)
    before, after = (datetime(2027, 1, 31, 22, minute, tzinfo=UTC) for minute in (58, 59))
    assert [course.feedback_level("a", before), course.feedback_level("a", after)] == ["category", "message"]
    assert course.feedback_level("b", after) == "category"
    path.write_text(HEAD + ONE + "hidden_feedback: case\n", encoding="utf-8")
    assert load_course(path).feedback_level("a") == "case"
    assert [(assignment.id, assignment.exercises) for assignment in load_course(path).assignments] == [("a", ["a"])]
