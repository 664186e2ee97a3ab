"""The rubric in the marks, and marks in several files: the arithmetic, the sentences, and the messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course, load_course, part_of
from grader.errors import ClassFileError
from grader.grading.class_files import Register, read_register
from grader.grading.final_score import adjusted_submission, assignment_score, points_of_items
from grader.grading.marks import ByHand, Override
from grader.grading.part import register_of_part
from grader.grading.results import RubricItem
from grader.reports.exports import gradescope
from grader.reports.html import student_page
from grader.reports.roster import Roster
from grader.reports.score_in_words import account
from tests.kit.test_marks import ASSIGNED, DUE, result

TinyCourse = Callable[..., Path]
FIGURE = RubricItem("figure", "twice", -1.5, "The *figure* is missing.\n\nSee <b>4.13</b>.")
RUBRIC = "rubric:\n  figure: {points: -1.5, exercise: twice, text: The figure is missing.}\n"


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with two assignments and a late rule; `double` has 2 points, `twice` has 4."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + ASSIGNED, encoding="utf-8")
    return load_course(path)


def read(course: Course, folder: Path, *texts: str) -> Register:
    """Read files of marks: a.yaml, b.yaml, and so on."""
    paths = [folder / f"{letter}.yaml" for letter, _ in zip("abc", texts, strict=False)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return read_register(course, ["ann", "bob"], [], None, paths)


def test_items_come_after_scores_and_before_lateness(tiny: Course) -> None:
    """A manual score is replaced first, then items change it, lateness takes its share, and items for the total follow."""
    items = [FIGURE, RubricItem("style", None, -0.5, "Long lines."), RubricItem("help", None, 1, "Helped others.")]
    by_hand = ByHand("", [Override(3, "On paper.", "twice")], items)
    got = adjusted_submission(tiny, result(tiny), by_hand, {"first": DUE + timedelta(hours=1)}, {})
    # 2 for `double`, 3 - 1.5 for `twice`, minus a tenth of the 2 points of `first`, minus 0.5, plus 1.
    assert (got.score, got.final_score) == (6, 3.8)
    assert points_of_items(got) == pytest.approx(-1)
    assert [assignment_score(got, ["double"], "first"), assignment_score(got, ["twice"], "second")] == [1.8, 1.5]
    assert account(tiny, got)[:8] == [
        "6 of 6 from the checks, minus 1 by hand, minus 1 from the rubric, minus 0.2 for `first` (one day late): "
        "3.8 of 6.",
        "",
        "- Twice: 3 instead of 4. On paper.",
        "- `first` was due January 31, 2027, 23:00 and handed in February 1, 2027, 00:00 (UTC), one day late: "
        "minus 0.2, 10% of its 2 points.",
        "- Twice, minus 1.5: The *figure* is missing.",
        "",
        "  See <b>4.13</b>.",
        "- Total score, minus 0.5: Long lines.",
    ]


def test_an_item_takes_no_score_below_zero(tiny: Course) -> None:
    """An exercise ends at 0, whatever is taken off, and so does the total; what is added for it counts first."""
    harsh, kind = RubricItem("harsh", "double", -9, "Copied."), RubricItem("kind", "double", 8, "Explained.")
    assert adjusted_submission(tiny, result(tiny), ByHand(items=[harsh]), {}, {}).final_score == 4
    assert adjusted_submission(tiny, result(tiny), ByHand(items=[harsh, kind]), {}, {}).final_score == 5
    got = adjusted_submission(tiny, result(tiny), ByHand(items=[RubricItem("no", None, -50, "Nothing.")]), {}, {})
    assert (got.final_score, points_of_items(got)) == (0, -6)
    assert account(tiny, got)[0] == "6 of 6 from the checks, minus 6 from the rubric: 0 of 6."


def test_a_manual_total_is_the_last_word(tiny: Course) -> None:
    """If the total is set by hand, items are shown and don't count, and the report says so."""
    got = adjusted_submission(tiny, result(tiny), ByHand("", [Override(5, "Agreed.")], [FIGURE]), {}, {})
    assert (got.final_score, points_of_items(got)) == (5, 0)
    assert "- Twice, minus 1.5 (not counted, because the total was set by hand): The *figure* is missing." in account(
        tiny, got
    )


ITEMS = st.lists(
    st.builds(RubricItem, st.just("x"), st.sampled_from([None, "double", "twice"]), st.integers(-8, 8), st.just("T")),
    max_size=6,
)


@given(items=ITEMS, passed=st.sampled_from([0.0, 0.5, 1.0]), over=st.integers(-1, 9))
def test_the_final_score_adds_up(course: Course, items: list[RubricItem], passed: float, over: int) -> None:
    """Checks, items and penalties give the final score, which is never below 0, in any order of the items."""
    first, second = (exercise.id for exercise in course.exercises[:2])
    names = {"double": first, "twice": second, None: None}
    real = [RubricItem("x", names[item.exercise], item.points, "T") for item in items]
    plain = result(course, passed)
    got = adjusted_submission(course, plain, ByHand(items=real), {}, {})
    assert got.final_score >= 0
    assert got.final_score == pytest.approx(plain.score + points_of_items(got))
    assert adjusted_submission(course, plain, ByHand(items=real[::-1]), {}, {}).final_score == got.final_score


def test_points_change_in_one_place(tiny: Course, tmp_path: Path) -> None:
    """A new number of points for an item changes the score of all who have it."""
    entries = "ann: {items: [figure]}\nbob: {items: [figure]}\n"
    finals = []
    for points in ("-1.5", "2"):
        register = read(tiny, tmp_path, RUBRIC.replace("-1.5", points) + entries)
        finals.append(
            [
                adjusted_submission(tiny, result(tiny), register.by_hand[name], {}, {}).final_score
                for name in ("ann", "bob")
            ]
        )
    assert finals == [[4.5, 4.5], [8, 8]]


def test_pages_show_items_and_no_html_of_theirs(tiny: Course) -> None:
    """The page renders an item's Markdown and escapes its HTML; Gradescope's output has it, too."""
    got = adjusted_submission(tiny, result(tiny), ByHand(items=[FIGURE]), {}, {})
    page = student_page(tiny, got, Roster())
    assert "Twice, minus 1.5: <p>The <em>figure</em> is missing.</p>" in page
    assert "&lt;b&gt;4.13&lt;/b&gt;" in page
    assert "Twice, minus 1.5: The *figure* is missing." in gradescope(tiny, got).decode()


def test_a_part_of_the_course_leaves_out_what_is_about_the_rest(tiny: Course) -> None:
    """Items for other exercises don't count, and a remark names those who have items for the total."""
    items = [FIGURE, RubricItem("style", None, -0.5, "Long lines."), RubricItem("name", "double", -1, "Bad name.")]
    register = register_of_part(Register(by_hand={"ann": ByHand(items=items)}), part_of(tiny, ["double"]))
    assert [item.id for item in register.by_hand["ann"].items] == ["name"]
    (remark,) = register.remarks
    assert remark.startswith("Rubric items for the total are for the whole course, so they don't count")
    assert "ann" in remark


def test_files_complete_each_other(tiny: Course, tmp_path: Path) -> None:
    """One file has the rubric, one a comment, one the items; empty fields of a template say nothing."""
    template = "ann:\n  comment:\n  scores: []\n  items:\n  answers: {}\nbob:\n"
    register = read(tiny, tmp_path, RUBRIC, "ann: {comment: Good., items: [figure]}\n", template)
    item = RubricItem("figure", "twice", -1.5, "The figure is missing.")
    assert register.by_hand == {"ann": ByHand("Good.", [], [item]), "bob": ByHand()}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            ["ann: {comment: Good.}\n", "bob:\nann: {comment: Bad.}\n"],
            "b.yaml, line 2, ann.comment: {folder}/a.yaml says something else about it; keep one of the two.",
        ),
        (
            [RUBRIC, RUBRIC.replace("-1.5", "-2")],
            "b.yaml, line 2, rubric.figure: {folder}/a.yaml says something else about it",
        ),
        (
            [RUBRIC + "ann: {items: [figrue]}\n"],
            "a.yaml, line 3, ann.items.0: there is no rubric item `figrue` (did you mean `figure`?); choose one of: figure.",
        ),
        ([RUBRIC + "ann:\n  items:\n  - figure\n  - figure\n"], "line 6, ann.items.1: `figure` is listed twice"),
        ([RUBRIC.replace("twice", "twise")], "no exercise `twise` (did you mean `twice`?)"),
        ([RUBRIC.replace("The figure is missing.", "' '")], "an item needs a text"),
        ([RUBRIC.replace("-1.5", ".nan")], "the points must be a number"),
        ([RUBRIC.replace("points", "point")], "did you mean `points`?"),
        (["rubrik: {a: {points: 1, text: T}}\n"], "no submission `rubrik` (did you mean `rubric`?)"),
        (["ann: {items: [figure]}\n"], "no rubric item `figure`; there are none"),
        (["answers: {double.test_double_tree: Look.}\n"], "(did you mean `double.test_double_three`?)"),
    ],
)
def test_a_mistake_names_its_file_and_line(tiny: Course, tmp_path: Path, texts: list[str], message: str) -> None:
    """Unknown ids are errors with the closest one, and files that disagree are errors that name both."""
    with pytest.raises(ClassFileError) as raised:
        read(tiny, tmp_path, *texts)
    assert message.format(folder=tmp_path) in str(raised.value)
