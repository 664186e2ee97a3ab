"""Mistakes and checks, in full: which checks see which mistake. Minutes long; `make matrix` runs it."""

from __future__ import annotations

import pytest

from grader.catalogue import misconceptions, with_misconception
from grader.engine import grade
from tests.kit.test_catalogue import COURSE, EXERCISES, alone, not_passed


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mistakes_are_seen_by_visible_checks_and_no_check_is_idle(exercise: str) -> None:
    """Four in five mistakes fail a visible check, for most their own is the first to fail, and every check sees one."""
    mistakes = misconceptions(COURSE, exercise)
    given = [alone(COURSE, exercise, m.name, with_misconception(COURSE, exercise, m)) for m in mistakes]
    found = {result.id: not_passed(result, exercise) for result in grade(COURSE, given)}
    for mistake in mistakes:
        assert mistake.check in [check.id for check in found[mistake.name]], mistake.name
    seen = [name for name, failed in found.items() if any(check.visibility == "visible" for check in failed)]
    assert len(seen) >= 0.8 * len(mistakes), sorted(found.keys() - set(seen))
    first = [mistake.name for mistake in mistakes if found[mistake.name][0].id == mistake.check]
    assert len(first) >= 0.9 * len(mistakes), sorted(found.keys() - set(first))
    caught = {check.id for failed in found.values() for check in failed}
    assert {check.id for check in COURSE.by_id[exercise].checks} == caught
