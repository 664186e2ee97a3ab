"""A check that falls over a reply has failed; one that falls over the solution, too, has a mistake, and that shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.checks import CheckFailure, expect_any_tensor, expect_equal, expect_items, expect_number, expect_parts
from grader.checks.replies import kind_of
from grader.course import load_course
from grader.failures.as_text import in_full_or_brief
from grader.failures.visible_to_student import visible_to_student
from grader.grading.intake import Submission
from grader.grading.results import CheckResult
from grader.grading.run import grade
from grader.wire.plain import Opaque

CHECKS = '''\
"""Visible checks."""

from hypothesis import given, strategies as st


def test_it_can_be_rounded(learner):
    """Twice 1.6 is about 3."""
    assert round(learner.call("double", 1.6)) == 3 or 1 / 0


@given(x=st.integers(0, 3))
def test_drawn_numbers_can_be_added(learner, x):
    """Twice x and 1 is odd."""
    learner.call("double", float(x)) + 1


def test_it_has_a_mistake(learner):
    """This check falls over everything."""
    len(learner.call("double", 1.0))
'''


@pytest.fixture
def checked(tiny_course: Callable[..., Path]) -> Callable[[str], dict[str, CheckResult]]:
    """Return a function that grades a module `double` with checks that look at no reply."""
    course = load_course(tiny_course(tests__visible__test_double_dot_py=CHECKS))

    def run(module: str) -> dict[str, CheckResult]:
        submission = Submission("ada", {"double": module.encode()}, ())
        (result,) = grade(course, [submission], sandbox="off")
        return {check.id: check for check in result.exercises["double"].checks if check.visibility == "visible"}

    return run


def test_a_check_that_falls_over_a_reply_has_failed(checked: Callable[[str], dict[str, CheckResult]]) -> None:
    """The student reads what came and what kind of thing the solution returns; the grader is not at fault."""
    results = checked("def double(x):\n    return None\n")
    for name in ("test_it_can_be_rounded", "test_drawn_numbers_can_be_added"):
        result = results[name]
        assert result.status == "failed"
        text = "\n".join(in_full_or_brief(visible_to_student(result, result, "everything")))
        assert "None: is a `return` missing?" in text
        assert "a float" in text
        assert "this check can't work with what `double` returned" in text


def test_a_mistake_in_a_check_stays_the_graders(checked: Callable[[str], dict[str, CheckResult]]) -> None:
    """A check that falls over the solution as well is broken, and no reply is blamed for it."""
    for module in ("def double(x):\n    return 2 * x\n", "def double(x):\n    2 * x\n"):
        result = checked(module)["test_it_has_a_mistake"]
        assert (result.status, [row.kind for row in result.rows]) == ("error", ["broken"])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "None"),
        (3, "an int"),
        ([1, 2], "a list of ints"),
        ([1, "a"], "a list"),
        ([], "a list"),
        (({}, [0.5]), "a tuple (a dict, a list of floats)"),
        (torch.ones(2), "a float32 tensor"),
        (np.ones(2), "a NumPy array of float64"),
        (Opaque("generator"), "an object of type generator"),
        (Opaque("array with dtype uint16"), "an array with dtype uint16"),
    ],
)
def test_kinds_have_names(value: object, kind: str) -> None:
    """What a reply is can be said in a few words, without its values."""
    assert kind_of(value) == kind


ODD = (None, "a", {}, Opaque("generator"), [None], (1, 2, 3), torch.ones(0))


def test_looking_at_a_reply_hands_it_back() -> None:
    """Each function returns what has the right form."""
    assert expect_number(torch.tensor([2.0])) == expect_number(2) == 2.0
    assert expect_items([1, 2], int) == [1, 2]
    assert expect_items([], float) == []
    assert expect_parts((1, "a"), ("one", "other")) == (1, "a")
    assert expect_any_tensor(torch.ones(2)).sum() == 2


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_looking_at_an_odd_reply_fails_the_check(odd: object) -> None:
    """Each function fails the check for everything else, whatever it is."""
    with pytest.raises(CheckFailure):
        expect_number(odd)
    with pytest.raises(CheckFailure):
        expect_items(odd, int)
    with pytest.raises(CheckFailure):
        expect_parts(odd, ("one", "other"))
    if not isinstance(odd, torch.Tensor):
        with pytest.raises(CheckFailure):
            expect_any_tensor(odd)


def test_objects_of_one_type_are_not_equal() -> None:
    """Of two generators nobody knows whether they give the same: that is no pass."""
    for both in (Opaque("generator"), [Opaque("generator")], {"a": Opaque("generator")}):
        with pytest.raises(CheckFailure):
            expect_equal(both, both)
