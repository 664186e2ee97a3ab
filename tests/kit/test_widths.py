"""Ids may be whole numbers of any width."""

from __future__ import annotations

from grader.authoring.matrix import alone, not_passed
from grader.course import Course
from grader.grading.run import grade

EXERCISE = "instruction_data"


def test_inputs_may_have_32_bits(course: Course) -> None:
    """Inputs are ids, and an embedding takes ids of 32 bits as well."""
    text = (course.solutions / f"{EXERCISE}.py").read_text(encoding="utf-8")
    narrow = text.replace("return padded[:, :-1].to(device)", "return padded[:, :-1].to(device, torch.int32)")
    assert narrow != text
    (result,) = grade(course, [alone(course, EXERCISE, "narrow", narrow)], jobs=1, sandbox="off")
    assert not not_passed(result, EXERCISE)
    assert result.exercises[EXERCISE].score == course.by_id[EXERCISE].max_score
