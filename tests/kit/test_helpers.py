"""Checks of helpers: they are about what a stub suggests, and never cost a learner who does without it anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checks import CheckFailure, Port, expect_equal, expect_of_helper
from grader.port import InProcess, NotStarted, Workspace
from grader.port.port import LearnerError

STUB = 'raise NotImplementedError("Start.")'
Outcome = type[BaseException] | None


def asked(port: Port) -> None:
    """Check a helper, and in its place a function that the contract asks for."""
    expect_of_helper(
        lambda: expect_equal(port.call("helper", 2), 4, "twice"),
        lambda: expect_equal(port.call("whole", 2), 4, "twice"),
    )


@pytest.mark.parametrize(
    ("helper", "whole", "raised"),
    [
        ("return 2 * x", STUB, None),
        ("return 3 * x", STUB, CheckFailure),
        ("return x / 0", "return 3 * x", LearnerError),
        ("return 3 * x", "return 2 * x", None),
        (STUB, "return 2 * x", None),
        (STUB, "return 3 * x", CheckFailure),
        (STUB, STUB, NotStarted),
        ("", "return 2 * x", None),
        ("", STUB, NotStarted),
    ],
)
def test_a_helper_is_wrong_only_if_what_it_is_for_is_wrong_too(
    tmp_path: Path, helper: str, whole: str, raised: Outcome
) -> None:
    """A right helper passes by itself; a wrong one, one that isn't written and one that isn't there, if the rest works."""
    functions = {"helper": helper, "whole": whole}
    path = tmp_path / "twice.py"
    path.write_text("\n".join(f"def {name}(x):\n    {body}\n" for name, body in functions.items() if body))
    port = Port(InProcess(Workspace({"twice": path})), "twice")
    if raised is None:
        asked(port)
    else:
        with pytest.raises(raised):
            asked(port)
