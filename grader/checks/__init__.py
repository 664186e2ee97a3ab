"""What a check is written with.

A check is a test function in `tests/visible` or `tests/hidden`. Its name is a claim, the first line of its docstring
the sentence that a learner sees. It gets a port `learner` (and, if hidden, `reference`), asks both the same, and
compares with `expect_equal` and its sisters. See docs/authoring.md.
"""

from grader.checks import scratch_files  # noqa: F401 - first: it looks for files that hide what the others import
from grader.checks.compare import (
    expect,
    expect_array,
    expect_equal,
    expect_parameters,
    expect_raises,
    expect_same,
    expect_tensor,
)
from grader.checks.devices import expect_on_another_device
from grader.checks.draw import seeds, sizes, values, weights
from grader.checks.facts import fact
from grader.checks.failure import Cause, CheckFailure
from grader.checks.golden import Golden
from grader.checks.gradients import expect_gradients_fit_the_output
from grader.checks.helpers import expect_of_helper
from grader.checks.law import law
from grader.checks.layer import Layer, Size
from grader.checks.replies import expect_any_tensor, expect_items, expect_number, expect_parts, what_came
from grader.port.port import Gradients, Handle, Port
from grader.text import last_number
from grader.tolerance import Tolerance

__all__ = [
    "Cause",
    "CheckFailure",
    "Golden",
    "Gradients",
    "Handle",
    "Layer",
    "Port",
    "Size",
    "Tolerance",
    "expect",
    "expect_any_tensor",
    "expect_array",
    "expect_equal",
    "expect_gradients_fit_the_output",
    "expect_items",
    "expect_number",
    "expect_of_helper",
    "expect_on_another_device",
    "expect_parameters",
    "expect_parts",
    "expect_raises",
    "expect_same",
    "expect_tensor",
    "fact",
    "last_number",
    "law",
    "seeds",
    "sizes",
    "values",
    "weights",
    "what_came",
]
