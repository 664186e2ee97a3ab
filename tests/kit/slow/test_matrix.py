"""All mistakes, correct answers and checks: which checks catch what. It takes minutes; `make matrix` runs it."""

from __future__ import annotations

import pytest

from grader.authoring.matrix import Matrix, compute
from grader.authoring.matrix_page import PAGE, page
from tests.kit.test_exercises import COURSE, EXERCISES


@pytest.fixture(scope="module")
def matrices() -> dict[str, Matrix]:
    """Return the matrices of all exercises."""
    return {matrix.exercise.id: matrix for matrix in compute(COURSE, EXERCISES)}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_mistake_is_caught_in_the_right_place(matrices: dict[str, Matrix], exercise: str) -> None:
    """Hidden checks catch every mistake, visible ones four in five, its own check fails first; correct answers pass."""
    assert len(matrices[exercise].rows) >= 15
    assert matrices[exercise].broken() == []


def test_the_page_is_up_to_date(matrices: dict[str, Matrix]) -> None:
    """The page in docs/ is up to date; if it isn't: grader matrix --out docs."""
    assert (COURSE.root / "docs" / PAGE).read_text(encoding="utf-8") == page(list(matrices.values()))
