"""`course.yaml` is validated, and each mistake in it is reported with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.course import Course, find_course, load_course
from grader.errors import CourseError

HEAD = "id: c\ntitle: C\nexercises:\n"
ONE = "  - {id: a, title: A}\n"


def test_the_course_has_its_exercises_in_order(course: Course) -> None:
    """The course holds a warm-up and a baseline, and then the core exercises."""
    warm_up = ["adaline", "bigram_baseline"]
    core = ["bpe_tokenizer", "causal_attention", "multi_head_attention", "layer_norm", "gpt_block", "training_loop"]
    assert [exercise.id for exercise in course.exercises] == warm_up + core


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
        ("id: c\ntitle: [\n", 3, "not valid YAML"),
        ("id: c\ntitle: 5\nexercises: []\n", 2, "Expected `str`"),
        ("id: c\ntitle: C\nexercises: []\n", 3, "at least one"),
        ("id: c\ntitle: C\nfoo: 1\nexercises: []\n", 1, "unknown field `foo`"),
        (HEAD + "  - {id: a, title: A}\n  - {id: a, title: B}\n", 5, "two exercises"),
        (HEAD + "  - {id: A-b, title: A}\n", 4, "module's name"),
        (HEAD + "  - id: a\n    title: A\n    needs: [b]\n", 6, "needs `b`"),
        (HEAD + "  - id: a\n    title: A\n    weights: {test_x: 1}\n", 6, "no check `test_x`"),
        (HEAD + "  - id: a\n    title: A\n    worth: lots\n", 6, "Expected"),
        (HEAD + "  - id: a\n    title: A\n    worth: -1\n", 6, "less than 0"),
        (HEAD + "  - id: a\n    title: A\n    points: 10\n", 6, "10 points for each check, and not for the exercise"),
        (HEAD + "  - id: a\n    title: A\n    points: {test_x: 1}\n", 6, "write `worth: 10`"),
        ("id: c\ntitle: C\npoints: 1\nexercises:\n  - {id: a, title: A}\n", 3, "write `worth: 10`"),
        (HEAD + "  - id: a\n    title: A\n    limits: {cal: 3}\n", 6, "unknown field"),
        ("id: c\ntitle: C\nlimits: {call: 0}\nexercises:\n  - {id: a, title: A}\n", 3, "above 0"),
        ("id: c\ntitle: C\nmistake_cap: 2\nexercises:\n  - {id: a, title: A}\n", 3, "between 0 and 1"),
        (HEAD + "  - id: a\n    title: A\n  - id: b\n    title: B\n    needs: [a]\n", 8, "no stand-in"),
        (HEAD + ONE + "hidden_feedback: all\n", 5, "Invalid enum value"),
        (HEAD + ONE + "assignments:\n  - {id: a b, exercises: [a]}\n", 6, "folder's name"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [b]}\n", 6, "no exercise `b`"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a]}\n  - {id: y, exercises: [a]}\n", 7, "two assignments"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a]}\n  - {id: x, exercises: []}\n", 7, "two assignments"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 2027-01-31 23:59:00}\n", 6, "time zone"),
        (HEAD + ONE + "assignments:\n  - {id: x, exercises: [a], due: 2027-01-31}\n", 6, "Expected `datetime"),
        (HEAD + ONE + "capstone: {module: A-b, uses: [a]}\n", 5, "module's name"),
        (HEAD + ONE + "capstone: {module: x, uses: []}\n", 5, "list the ones it uses"),
        (HEAD + ONE + "capstone: {module: x, uses: [b]}\n", 5, "no exercise `b`"),
        (HEAD + ONE + "capstone: {module: x, uses: [a, a]}\n", 5, "twice"),
        (HEAD + ONE + "capstone: {module: x}\n", 5, "missing required field `uses`"),
        (HEAD + "  - {id: a, title: A, draft: true}\n", 3, "isn't a draft"),
        (HEAD + ONE + "  - {id: b, title: B, draft: true}\ncapstone: {module: x, uses: [b]}\n", 6, "is a draft"),
        (
            HEAD + ONE + "  - {id: b, title: B, draft: true}\nassignments:\n  - {id: x, exercises: [b]}\n",
            7,
            "is a draft",
        ),
        (HEAD + ONE + "minimum: {styles: -1}\n", 5, "negative"),
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
