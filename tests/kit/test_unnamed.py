"""Submissions that fail alike without a known mistake are one group, which the class page shows and marks reach."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.generate import build
from grader.checks.outcome import Outcome
from grader.course import Course, load_course
from grader.diagnosis import Case, Findings
from grader.diagnosis.answers import Answers, condensed
from grader.diagnosis.leaves import ExceptionLeaf
from grader.errors import ClassFileError
from grader.failures.rows import Mistake, Row
from grader.grading.alike_marks import with_alike_marks
from grader.grading.behavior import STEP, behavior
from grader.grading.class_files import Register, read_register
from grader.grading.folder import FolderOptions, grade_folder
from grader.grading.results import Results, results
from grader.grading.unnamed import unnamed_groups
from grader.grading.verdict import verdict
from grader.reports.html import class_page
from grader.reports.likeness import Likeness
from grader.reports.roster import Roster
from tests.kit.small_catalog import catalog

TinyCourse = Callable[..., Path]
FAILED = {"test_double_three": Outcome("failed", (Row("called", ("double(3.0)",)), Row("got", ("7.0",))))}
NAMED = Mistake("adds_one", "You add one.", "Why.", "Where.")
FACT = Mistake("measured_factor", "Your numbers are multiplied by 3.", "Why.", "Where.")


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course."""
    return load_course(tiny_course())


def answered(*answers: Answers, wrong: bool = True, complete: bool = True) -> tuple[list[Case], Findings]:
    """Return cases and a submission's answers to them, which are all wrong or all right."""
    cases = [Case("test_double_three", (), answers=[{}]) for _ in answers]
    fits = {position: frozenset(() if wrong else (0,)) for position in range(len(answers))}
    positions = tuple(fits) if wrong else ()
    return cases, Findings(dict(enumerate(answers)), fits, positions, complete=complete)


def alike(one: Sequence[str], two: Sequence[str]) -> bool:
    """Say whether two descriptions are of submissions that fail alike."""
    return bool(set(one) & set(two))


def numbers(values: Sequence[float], dtype: torch.dtype = torch.float64) -> Answers:
    """Return an answer that is a tensor."""
    return condensed({"0.0": torch.tensor(values, dtype=dtype)})


@given(
    values=st.lists(st.floats(-100, 100), min_size=1, max_size=40),
    factors=st.lists(st.floats(-1, 1), min_size=40, max_size=40),
)
def test_rounding_never_parts_what_is_alike(values: list[float], factors: list[float]) -> None:
    """Numbers that differ by what float32 rounds at most are alike, whatever they are, in small and large tensors."""
    largest = max(1.0, *map(abs, values))
    other = [value + 3e-7 * largest * factor for value, factor in zip(values, factors, strict=False)]
    one, two = (behavior(FAILED, answered(numbers(each))) for each in (values, other))
    assert alike(one, two)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [1, 5, 30])
def test_a_change_of_one_percent_is_another_behavior(dtype: torch.dtype, size: int) -> None:
    """What a mistake changes is far more than a step."""
    values = [1.0 + number for number in range(size)]
    changed = [*values[:-1], values[-1] * 1.01]
    one, two = (behavior(FAILED, answered(numbers(each, dtype))) for each in (values, changed))
    assert not alike(one, two)
    assert STEP < 0.01


@pytest.mark.parametrize(
    "other",
    [
        numbers([1.0, 2.0], torch.float32),
        numbers([1.0]),
        numbers([1.0, float("nan")]),
        {"0.0": 1.0},
        {"0.0": ExceptionLeaf("ValueError")},
        {},
    ],
)
def test_types_shapes_and_exceptions_count(other: Answers) -> None:
    """An answer of another kind is another behavior."""
    one = behavior(FAILED, answered(numbers([1.0, 2.0])))
    assert not alike(one, behavior(FAILED, answered(other)))


def test_what_the_cases_leave_open_does_not_count() -> None:
    """Values at free paths don't count, at loose paths only their form, and of random answers only whether right."""
    cases, findings = answered(numbers([1.0, 2.0]))
    _, other = answered(numbers([3.0, 4.0]))
    for case, same in (
        (Case("c", (), free=frozenset({"0.0"}), answers=[{}]), True),
        (Case("c", (), loose=frozenset({"0.0"}), answers=[{}]), True),
        (Case("c", (), random=True, answers=[{}]), True),
        (cases[0], False),
    ):
        assert alike(behavior(FAILED, ([case], findings)), behavior(FAILED, ([case], other))) == same


def test_the_checks_that_fail_count() -> None:
    """The same answers with another check failing are another behavior; names and slips don't count."""
    more = {"another": Outcome("failed")}
    names = {"another": Outcome("failed", (Row("names", ("`a` is `b`",)),), category="other names")}
    slip = {"another": Outcome("failed", (Row("slip", ("A return is missing.",)),))}
    one = behavior(FAILED, answered(numbers([1.0])))
    assert not alike(one, behavior(FAILED | more, answered(numbers([1.0]))))
    assert alike(one, behavior(FAILED | names, answered(numbers([1.0]))))
    assert alike(one, behavior(FAILED | slip, answered(numbers([1.0]))))
    assert alike(one, behavior(FAILED | {"another": Outcome("passed")}, answered(numbers([1.0]))))


@pytest.mark.parametrize(
    "answers",
    [None, answered(numbers([1.0]), complete=False), answered(numbers([1.0]), wrong=False)],
    ids=["no cases", "incomplete", "all right"],
)
def test_without_telling_answers_the_results_of_the_checks_count(
    answers: tuple[list[Case], Findings] | None,
) -> None:
    """If the cases say nothing, the smallest failing cases do."""
    other = {"test_double_three": Outcome("failed", (Row("called", ("double(3.0)",)), Row("got", ("9.0",))))}
    same_but_named = {"test_double_three": Outcome("failed", (Row("called", ("f = d",)), Row("got", ("7.0",))))}
    assert alike(behavior(FAILED, answers), behavior(same_but_named, answers))
    assert not alike(behavior(FAILED, answers), behavior(other, answers))


def with_behaviors(course: Course, behaviors: Mapping[str, Sequence[str]], mistake: Mistake = FACT) -> Results:
    """Return results in which each submission fails one check of `double` in its own way."""
    lengths = {name: 10 - number for number, name in enumerate(behaviors)}
    submissions = []
    for name, digests in behaviors.items():
        rows = (Row("called", ("double(3.0)",)), Row("got", (f"<b>{name}</b>",)), Row("expected", ("6.0",)))
        outcomes = {
            (exercise.id, check.id): Outcome("passed") for exercise in course.exercises for check in exercise.checks
        }
        outcomes["double", "test_double_three"] = Outcome(
            "failed", rows, mistakes=(mistake,), counterexample="x" * lengths[name]
        )
        submissions.append(verdict(course, name, outcomes, behaviors={"double": digests}))
    return results(course, submissions)


CLASS = {
    "ann": ["aaaaaaaa", "a1", "a2"],
    "bob": ["bbbbbbbb", "b1", "b2"],
    "cem": ["aaaaaaaa", "a1", "a2"],
    "dan": ["aaaaaaab", "a1", "x2"],
    "eva": [],
}


def test_who_shares_a_digest_is_in_a_group(tiny: Course) -> None:
    """Groups are the connected ones, the largest first; an id of any member means the group."""
    groups = unnamed_groups(with_behaviors(tiny, CLASS))
    assert [group.submissions for group in groups] == [("ann", "cem", "dan"), ("bob",)]
    assert groups[0].ids == ("double-aaaaaaaa", "double-aaaaaaab")
    chain = {"a": ["1", "2", "3"], "b": ["7", "8", "9"], "c": ["1", "x", "9"]}
    assert [group.submissions for group in unnamed_groups(with_behaviors(tiny, chain))] == [("a", "b", "c")]


def test_the_grader_s_own_failures_are_in_no_group(tiny: Course) -> None:
    """A submission on which the grader failed says nothing."""
    graded = with_behaviors(tiny, CLASS)
    faulty = [msgspec.structs.replace(submission, fault=True) for submission in graded.submissions]
    assert not unnamed_groups(msgspec.structs.replace(graded, submissions=faulty))


def test_the_page_shows_groups_with_their_smallest_case(tiny: Course) -> None:
    """The page has the id, the students, what was measured and the smallest case of the group, all escaped."""
    page = class_page(tiny, with_behaviors(tiny, CLASS), Roster(), Likeness())
    part = page.partition('id="unnamed"')[2].partition("</section>")[0]
    assert "<code>double-aaaaaaaa</code>: 3 students, 1 check<" in part
    assert part.count("double-aaaaaaaa") > 1
    assert "Measured: Your numbers are multiplied by 3." in part
    # Of the three, dan's case is the shortest program.
    assert "&lt;b&gt;dan&lt;/b&gt;" in part
    assert "<b>" not in part
    assert "fails like nobody else" in part
    assert "double-bbbbbbbb" in part
    named = class_page(tiny, with_behaviors(tiny, {"ann": [], "bob": []}, NAMED), Roster(), Likeness())
    assert "Every failure of a check in this class is a known mistake" in named


def marked(course: Course, folder: Path, text: str, graded: Results, **options: bool) -> Register:
    """Return what a marks file says about the submissions, after its section about groups was applied."""
    path = folder / "marks.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    names = [submission.id for submission in graded.submissions]
    return with_alike_marks(read_register(course, names, [], None, [path]), course, graded, **options)


def test_a_mark_for_a_group_reaches_all_in_it(tiny: Course, tmp_path: Path) -> None:
    """Comments are added to those for a student; a student's own scores in the exercise replace the group's."""
    text = """\
        ann: {comment: Well begun., scores: [{exercise: double, score: 2, reason: On paper.}]}
        alike:
          double-aaaaaaab:
            comment: Watch the factor.
            scores: [{check: test_double_three, score: 0.5, reason: Nearly.}]
        """
    register = marked(tiny, tmp_path, text, with_behaviors(tiny, CLASS))
    title = tiny.by_id["double"].title
    assert register.by_hand["ann"].comment == f"Well begun.\n\n{title}: Watch the factor."
    assert register.by_hand["dan"].comment == f"{title}: Watch the factor."
    assert [(s.exercise, s.check, s.score) for s in register.by_hand["cem"].scores] == [
        ("double", "test_double_three", 0.5)
    ]
    assert [score.reason for score in register.by_hand["ann"].scores] == ["On paper."]
    assert "bob" not in register.by_hand
    assert any("don't count for those who have their own in double: ann" in remark for remark in register.remarks)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "alike: {double-aaaaaaac: {comment: Hm.}}",
            "there is no group `double-aaaaaaac` (did you mean `double-aaaaaaa",
        ),
        ("alike: {doubel-aaaaaaaa: {comment: Hm.}}", "there is no exercise `doubel` (did you mean `double`?)"),
        ("alike: {aaaaaaaa: {comment: Hm.}}", "write the id of a group as class.html shows it"),
        ("alike: {double-aaaaaaaa: {coment: Hm.}}", "comment"),
        ("alike: {double-aaaaaaaa: {scores: [{score: 1}]}}", "reason"),
        (
            "alike: {double-aaaaaaaa: {scores: [{exercise: twice, score: 1, reason: R.}]}}",
            "this group is about `double`",
        ),
        ("alike: {double-aaaaaaaa: {scores: [{check: test_doubel_three, score: 1, reason: R.}]}}", "did you mean"),
        ("alike: {double-aaaaaaaa: {comment: A.}, double-aaaaaaab: {comment: B.}}", "are the same group"),
    ],
)
def test_a_mistake_in_the_section_names_line_and_remedy(tiny: Course, tmp_path: Path, text: str, message: str) -> None:
    """Whatever is wrong with a group's entry is said with its line."""
    with pytest.raises(ClassFileError) as caught:
        marked(tiny, tmp_path, text, with_behaviors(tiny, CLASS))
    assert message in str(caught.value)
    assert "line 1" in str(caught.value)


def test_a_group_that_nobody_is_in_any_more_stops_nothing(tiny: Course, tmp_path: Path) -> None:
    """It is a remark; but not if only one submission was graded, because the others may be in it."""
    text = "alike: {double-01234567: {comment: Hm.}}"
    graded = with_behaviors(tiny, CLASS)
    assert any("nobody fails like double-01234567" in line for line in marked(tiny, tmp_path, text, graded).remarks)
    assert not marked(tiny, tmp_path, text, graded, some_are_missing=True).remarks


def test_rubric_items_of_a_group_count_once(tiny: Course, tmp_path: Path) -> None:
    """A group may list rubric items; whoever has the item already doesn't get it twice."""
    text = """\
        rubric: {factor: {exercise: double, points: -0.5, text: Look at the factor.}}
        ann: {items: [factor]}
        alike: {double-aaaaaaaa: {items: [factor]}}
        """
    register = marked(tiny, tmp_path, text, with_behaviors(tiny, CLASS))
    for name in ("ann", "cem", "dan"):
        assert [item.id for item in register.by_hand[name].items] == ["factor"]


def test_a_submission_called_alike_is_to_be_renamed(tiny: Course, tmp_path: Path) -> None:
    """Its key would be that of the section."""
    graded = with_behaviors(tiny, CLASS | {"alike": []})
    with pytest.raises(ClassFileError, match="rename its folder"):
        marked(tiny, tmp_path, "alike: {comment: Fine.}", graded)


PROGRAMS = {
    "ann": "def double(x):\n    return 3 * x\n",
    "bob": "def double(number):\n    result = number + number\n    result = result + number\n    return result\n",
    "cem": "def double(x):\n    return x + 1\n",
    "dan": "def double(x):\n    return 5 * x\n",
    "eva": "def double(x):\n    return 2 * x\n",
}


def test_a_class_is_grouped_marked_and_regraded(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Two styles of one unknown mistake are a group with a stable id, and its mark reaches both; a known one is none."""
    course = load_course(tiny_course(**catalog("adds_one")))
    build(course)
    for name, text in PROGRAMS.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "double.py").write_text(text, encoding="utf-8")
    options = FolderOptions(jobs=1)
    first = grade_folder(tmp_path / "class", course, tmp_path / "out", options).results
    groups = unnamed_groups(first)
    assert [group.submissions for group in groups] == [("ann", "bob"), ("dan",)]
    marks = tmp_path / "marks.yaml"
    score = "scores: [{score: 0.5, reason: Half.}]"
    marks.write_text(f"alike: {{{groups[0].id}: {{comment: Count again., {score}}}}}\n", encoding="utf-8")
    # A newcomer in another style, who comes first, changes neither the group's id nor the others' results.
    (tmp_path / "class" / "abe").mkdir()
    (tmp_path / "class" / "abe" / "double.py").write_text(
        "def double(x):\n    total = 0 * x\n    for _ in range(3):\n        total += x\n    return total\n",
        encoding="utf-8",
    )
    options = dataclasses.replace(options, marks=(marks,))
    again = grade_folder(tmp_path / "class", course, tmp_path / "out", options).results
    assert unnamed_groups(again)[0].submissions == ("abe", "ann", "bob")
    assert unnamed_groups(again)[0].id == groups[0].id
    by_id = {submission.id: submission for submission in again.submissions}
    assert all("Count again." in by_id[name].comment for name in ("abe", "ann", "bob"))
    assert all(by_id[name].adjustments[0].score == 0.5 for name in ("abe", "ann", "bob"))
    assert not by_id["dan"].comment
    assert by_id["cem"].exercises["double"].behavior == []
