"""The demo class is made from the solutions, and has nothing of what a learner has written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.demo_class import untouched
from grader.course import load_course
from grader.study.folder import work, write


def test_the_untouched_submission_is_not_the_learners_own_work(tiny_course: Callable[..., Path]) -> None:
    """The untouched submission has the stubs, also if the exercises have been written."""
    course = load_course(tiny_course())
    write(work(course, "double"), b"def double(x):\n    return 2 * x\n")
    stubs = untouched(course)
    assert list(stubs) == ["double", "twice"]
    assert 'raise NotImplementedError("Multiply.")' in stubs["double"]
    assert "return 2 * x" not in stubs["double"]
