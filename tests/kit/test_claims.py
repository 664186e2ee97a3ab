"""Claims and points: checks that test the same thing share its points, and a known mistake costs only so much."""

from __future__ import annotations

import dataclasses
import json
import math
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import costs
from grader.authoring.matrix import alone
from grader.checks.outcome import PASSED, Outcome
from grader.course import Course, load_course
from grader.course.claims import Claims, divided, points_of_checks
from grader.course.mistakes import misconceptions
from grader.errors import CourseError
from grader.failures.rows import Mistake
from grader.grading.results import SubmissionResult
from grader.grading.run import grade
from grader.grading.verdict import verdict
from grader.reports.exports import gradescope
from grader.reports.feedback import feedback

CAP = 0.1
NEW_MISTAKES = 0.2
"""The largest share of an exercise's mistakes whose costs may not be recorded yet."""
EVERYTHING = 4.0
"""The points of `twice` in the tiny course, and of its two checks together."""


def mistaken(*names: str) -> Outcome:
    """Return the outcome of a check that failed because of these known mistakes."""
    return Outcome("failed", mistakes=tuple(Mistake(name, "You did.", "It is wrong.", "Look.") for name in names))


def graded(course: Course, outcomes: Mapping[str, Outcome]) -> SubmissionResult:
    """Add up outcomes of checks of `twice`; all other checks passed."""
    checks = [(exercise.id, check.id) for exercise in course.exercises for check in exercise.checks]
    return verdict(course, "ann", {key: outcomes.get(key[1], PASSED) for key in checks}, sandboxed=True)


@pytest.fixture
def capped(tiny_course: Callable[..., Path]) -> Course:
    """Return the tiny course, in which a known mistake costs at most a tenth of its exercise."""
    path = tiny_course(exercises__twice_dot_md="# Twice\n")
    return dataclasses.replace(load_course(path), mistake_cap=CAP)


@given(whole=st.integers(0, 10_000), weights=st.lists(st.integers(0, 300), max_size=40))
def test_a_whole_number_is_divided_without_a_rest(whole: int, weights: list[int]) -> None:
    """The parts are whole, add up exactly, and none is a whole unit away from its exact share."""
    parts = divided(whole, weights)
    assert len(parts) == len(weights)
    if sum(weights):
        assert sum(parts) == whole
        assert all(
            abs(part - whole * weight / sum(weights)) < 1 + 1e-9 for part, weight in zip(parts, weights, strict=True)
        )
        if whole <= sum(weights):
            assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("worth", "weights", "expected"),
    [
        (None, {}, {"a": 0.33, "b": 0.34, "c": 0.33, "d": 1.0, "e": 1.0}),
        (10, {}, {"a": 1.11, "b": 1.11, "c": 1.11, "d": 3.34, "e": 3.33}),
        (10, {"d": 2}, {"a": 0.83, "b": 0.84, "c": 0.83, "d": 5.0, "e": 2.5}),
        (None, {"d": 0}, {"a": 0.33, "b": 0.34, "c": 0.33, "d": 0.0, "e": 1.0}),
    ],
)
def test_claims_share_the_points_of_an_exercise(
    worth: float | None, weights: dict[str, float], expected: dict[str, float]
) -> None:
    """`worth` is divided among claims by weight, then evenly among checks, in hundredths that add up exactly."""
    points = points_of_checks([("a", "b", "c"), ("d",), ("e",)], weights, worth)
    assert points == expected
    assert round(100 * sum(points.values())) == 100 * (
        sum(weights.get(name, 1) for name in "ade") if worth is None else worth
    )


def test_by_default_every_check_is_a_claim(tiny_course: Callable[..., Path]) -> None:
    """Without tests/claims.yaml, each check has its own claim of one point, times its weight."""
    twice = load_course(tiny_course()).by_id["twice"]
    assert [len(claim) for claim in twice.claims] == [1, 1]
    assert twice.check("test_twice_four").points == 3.0
    assert twice.max_score == EVERYTHING


def test_checks_that_repeat_one_another_share_its_points(tiny_course: Callable[..., Path]) -> None:
    """A hidden check that repeats a visible one shares its point, and `worth` sets the points of the exercise."""
    text = "double:\n  test_double_three: [test_double_equals_the_reference]\n"
    path = tiny_course(tests__claims_dot_yaml=text)
    double = load_course(path).by_id["double"]
    assert double.claims == (("test_double_three", "test_double_equals_the_reference"),)
    assert [check.points for check in double.checks] == [0.5, 0.5]
    path.write_text(path.read_text(encoding="utf-8").replace("title: Double\n", "title: Double\n    worth: 9.99\n"))
    double = load_course(path).by_id["double"]
    assert double.max_score == 9.99
    assert sorted(check.points for check in double.checks) == [4.99, 5.0]


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ("thrice: {}\n", "line 1, thrice: there is no exercise `thrice`"),
        ("double:\n  test_x: []\n", "line 2, double.test_x: there is no check `test_x` in `double`"),
        ("double:\n  test_double_three:\n    - test_x\n", "line 3, double.test_double_three.0: there is no check"),
        ("double:\n  test_double_three: [test_double_three]\n", "can belong to one claim only"),
        ("double: [test_double_three]\n", "line 1, double: this must be a mapping, and is a list"),
        ("double: {\n", "not valid YAML"),
    ],
)
def test_claims_about_nothing_are_refused(tiny_course: Callable[..., Path], claims: str, message: str) -> None:
    """A wrong name in tests/claims.yaml is an error that names the line."""
    with pytest.raises(CourseError) as refused:
        load_course(tiny_course(tests__claims_dot_yaml=claims))
    assert message in str(refused.value)


def test_claims_may_name_hidden_checks_that_a_students_copy_lacks(tiny_course: Callable[..., Path]) -> None:
    """A copy without hidden checks still has the file of claims; what it says about them is left out."""
    text = "double:\n  test_double_three: [test_double_equals_the_reference]\n"
    path = tiny_course(tests__claims_dot_yaml=text)
    (path.parent / "tests" / "hidden" / "test_double.py").unlink()
    double = load_course(path).by_id["double"]
    assert double.claims == (("test_double_three",),)


def test_a_repeated_check_has_no_weight_of_its_own(tiny_course: Callable[..., Path]) -> None:
    """A weight belongs to a claim, so the message says which check to give it to."""
    path = tiny_course(tests__claims_dot_yaml="double:\n  test_double_three: [test_double_equals_the_reference]\n")
    weights = "title: Double\n    weights: {test_double_equals_the_reference: 2}\n"
    path.write_text(path.read_text(encoding="utf-8").replace("title: Double\n", weights), encoding="utf-8")
    with pytest.raises(CourseError, match="shares the points of `test_double_three`: give the weight to that"):
        load_course(path)


def test_every_hidden_check_has_its_claim(course: Course) -> None:
    """In this course each hidden check either repeats a visible one, or is listed as a claim of its own."""
    claims = Claims(course.root)
    for exercise in course.exercises:
        listed = claims.listed(exercise.id)
        visibility = {check.id: check.visibility for check in exercise.checks}
        named = {name for first, repeats in listed.items() for name in [first, *repeats]}
        assert {name for name in visibility if visibility[name] == "hidden"} <= named, exercise.id
        for first, repeats in listed.items():
            assert visibility[first] == "visible" or not repeats, first
            assert visibility[first] == "hidden" or repeats, first


def test_a_known_mistake_costs_at_most_its_share(capped: Course) -> None:
    """If one known mistake explains all failures, they cost a tenth; with two mistakes, they cost two tenths."""
    first, second = (check.id for check in capped.by_id["twice"].checks)
    for names, cost in (("a", "a"), 0.4), (("a", "b"), 0.8):
        result = graded(capped, {first: mistaken(names[0]), second: mistaken(names[1])}).exercises["twice"]
        assert result.score == EVERYTHING - cost
        assert math.isclose(sum(check.score for check in result.checks), result.score)
        assert result.status == "failed"


@pytest.mark.parametrize(
    "unexplained", [Outcome("failed"), Outcome("timeout"), Outcome("error"), Outcome("not_started")]
)
def test_what_no_mistake_explains_costs_its_points(capped: Course, unexplained: Outcome) -> None:
    """A failure without a known mistake costs all of its points, whatever explains the others."""
    first, second = capped.by_id["twice"].checks
    result = graded(capped, {first.id: mistaken("a"), second.id: unexplained}).exercises["twice"]
    assert result.score == EVERYTHING - second.points - min(first.points, CAP * EVERYTHING)
    assert result.checks[1].score == 0


def test_a_small_mistake_costs_no_more_than_its_checks(capped: Course) -> None:
    """The limit never raises a cost: a mistake that fails little costs only that."""
    generous = dataclasses.replace(capped, mistake_cap=0.9)
    first, second = generous.by_id["twice"].checks
    for check in (first, second):
        assert graded(generous, {check.id: mistaken("a")}).exercises["twice"].score == EVERYTHING - check.points


def test_without_a_limit_failures_cost_their_points(tiny_course: Callable[..., Path]) -> None:
    """A course that sets no `mistake_cap` deducts what the failed checks are worth."""
    course = load_course(tiny_course())
    first = course.by_id["twice"].checks[0]
    assert graded(course, {first.id: mistaken("a")}).exercises["twice"].score == EVERYTHING - first.points


def test_points_add_up_in_every_report(capped: Course) -> None:
    """The points of the checks add up to the score in results, Gradescope's file and the student's page."""
    outcomes = {check.id: mistaken("a") for check in capped.by_id["twice"].checks}
    submission = graded(capped, outcomes)
    assert submission.score == submission.final_score == 5.6
    tests = json.loads(gradescope(capped, submission))["tests"]
    assert math.isclose(sum(test["score"] for test in tests), 5.6)
    assert all(test["status"] == "failed" for test in tests if test["score"] < test["max_score"])
    page = feedback(capped, submission)
    assert "| 3.6 of 4 |" in page
    assert "One known mistake explains 2 checks that failed. They're worth 4 points, but you lose only 0.4." in page
    assert "2.7 of 3 points" in page


def test_nbgrader_reads_the_same_points(capped: Course) -> None:
    """A cell whose check a known mistake explains shows the failure, and nbgrader reads the points that are left."""
    pytest.importorskip("nbgrader")
    from nbgrader.utils import determine_grade

    from grader.notebooks.make import make_notebook
    from grader.notebooks.preprocess import write_outputs

    exercise = capped.by_id["twice"]
    submission = graded(capped, {check.id: mistaken("a") for check in exercise.checks})
    notebook = make_notebook(capped, exercise, "bundle.zip")
    write_outputs(notebook, capped, exercise, submission)
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    scores = [determine_grade(cell)[0] for cell in cells]
    assert scores == [check.score for check in submission.exercises["twice"].checks] == [2.7, 0.9]
    outputs = [str(cell.outputs) for cell in cells]
    assert "It is wrong." in outputs[0]
    assert "The same mistake as above." in outputs[1]


def test_the_costs_of_the_catalog_meet_their_aims(course: Course) -> None:
    """No known mistake costs more than 40 % of its exercise, half of them cost at most 12 %, and each costs something."""
    record = costs.read()
    shares: list[float] = []
    for exercise in course.exercises:
        cost_of = costs.costs(course, record, exercise)
        names = {mistake.name for mistake in misconceptions(course, exercise.id)}
        advice = f"run: python -m benchmarks.costs --record {exercise.id}"
        assert cost_of.keys() <= names, advice
        assert len(names - cost_of.keys()) <= NEW_MISTAKES * len(names), advice
        shares += cost_of.values()
        # No mask at all is never cheaper than a mask that is too strict.
        if "no_mask" in cost_of:
            strict = ("diagonal_masked", "mask_hides_present_and_past", "mask_hides_present_and_past_with_a_number")
            assert all(cost_of["no_mask"] >= cost_of[name] - 1e-9 for name in strict), exercise.id
    assert min(shares) > 0
    assert max(shares) <= 0.4
    assert sorted(shares)[len(shares) // 2] <= 0.12


def test_the_page_about_costs_is_up_to_date(course: Course) -> None:
    """The tables in docs/costs.md are those that `python -m benchmarks.costs` prints."""
    page = (course.root / "docs" / "costs.md").read_text(encoding="utf-8")
    assert costs.tables(course, costs.read()) in page


def test_the_table_of_names_is_up_to_date(course: Course) -> None:
    """docs/diagnosis.md has how the catalog's mistakes were named when their costs were recorded; none wrongly."""
    page = (course.root / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    record = costs.read()
    assert costs.names_table(record) in page
    assert record.keys() == course.by_id.keys()
    assert not [name for of in record.values() for name, each in of.items() if set(each.names) - {name}]


def test_mistakes_with_a_cap_of_their_own_are_in_the_catalog(course: Course) -> None:
    """The names in `mistake_caps` are those of known mistakes, and what they cap may cost more than other mistakes."""
    for exercise in course.exercises:
        assert exercise.mistake_caps.keys() <= {mistake.name for mistake in misconceptions(course, exercise.id)}
        assert all(cap > course.mistake_cap for cap in exercise.mistake_caps.values())
    text = textwrap.dedent(NOTHING["causal_attention"]).format("self.W_value(x)")
    (result,) = grade(course, [alone(course, "causal_attention", "values", text)], trusted=True)
    graded = result.exercises["causal_attention"]
    assert {mistake.name for check in graded.checks for mistake in check.mistakes} == {"values_returned"}
    assert graded.score <= 0.75 * graded.max_score


NOTHING = {
    "layer_norm": """
        import torch
        from torch import nn

        class LayerNorm(nn.Module):
            def __init__(self, emb_dim):
                super().__init__()
                self.scale, self.shift = nn.Parameter(torch.ones(emb_dim)), nn.Parameter(torch.zeros(emb_dim))

            def forward(self, x):
                return {}
        """,
    "causal_attention": """
        import torch
        from torch import nn

        class CausalAttention(nn.Module):
            def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
                super().__init__()
                for name in ("W_query", "W_key", "W_value"):
                    setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))

            def forward(self, x):
                return {}
        """,
}


def test_an_answer_that_does_nothing_is_no_known_mistake(course: Course) -> None:
    """Layers that return their input, zeros or nan keep no points of a check that fails."""
    returned = {
        "layer_norm": ["x", "torch.zeros_like(x)", "x * float('nan')", "x * self.scale + self.shift"],
        "causal_attention": ["x", "0 * self.W_value(x)", "self.W_value(x) * float('nan')"],
    }
    submissions = [
        alone(course, exercise, f"{exercise}: {value}", textwrap.dedent(NOTHING[exercise]).format(value))
        for exercise, values in returned.items()
        for value in values
    ]
    for result in grade(course, submissions, trusted=True):
        checks = result.exercises[result.id.partition(":")[0]].checks
        assert sum(check.status == "failed" for check in checks) >= 5, result.id
        assert [check.id for check in checks if check.status == "failed" and check.score] == [], result.id
