"""Checks of helpers: functions that a stub suggests but the contract doesn't ask for.

A learner may write them, leave them out, or have others under the same name. So a helper is only wrong if it doesn't
do what the stub says, and what is built from it doesn't work either.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.failure import CheckFailure
from grader.port.port import LearnerError, LearnerMissing, NotStarted


def expect_of_helper(helper: Callable[[], None], whole: Callable[[], None]) -> None:
    """Fail if a helper isn't what the stub says, and what is built from it isn't right either.

    Args:
        helper: asks the helper, and raises unless it is as the stub says.
        whole: asks what the contract requires for the same property, and raises unless it is right. It decides if there
            is no helper, or if the stub's is unwritten.

    Raises:
        CheckFailure: the helper gives something else.
        LearnerError: it raises an exception.
        NotStarted: neither is written.
    """
    try:
        helper()
    except (LearnerMissing, NotStarted):
        whole()
    except (CheckFailure, LearnerError) as failure:
        try:
            whole()
        except (CheckFailure, LearnerError, NotStarted):
            raise failure from None
