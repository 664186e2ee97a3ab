"""`grader check`: run the visible checks on a learner's own code with pytest."""

from __future__ import annotations

from grader.course import Course


def run_checks(course: Course, exercise: str | None = None, everything: bool = False) -> int:
    """Run the visible checks of one exercise or of all of them, print pytest's output, and save what passed.

    Args:
        course: the course.
        exercise: the exercise's id; all exercises by default.
        everything: show every failure in full.

    Returns:
        Pytest's exit status.
    """
    import pytest

    from grader.checks.plugin import options_for_pytest

    files = [str(path) for e, v, path in course.check_files() if v == "visible" and exercise in (None, e.id)]
    options = [*options_for_pytest(course), "-p", "grader.study.recorder", "-q", "--no-header"]
    return int(pytest.main([*options, *(["--all"] if everything else []), *files]))
