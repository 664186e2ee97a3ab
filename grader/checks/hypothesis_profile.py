"""How Hypothesis works for the checks: the same examples in every run, without limits of its own."""

from __future__ import annotations

import hypothesis

from grader.checks.pytest_internals import forget_local_constants

EXAMPLES = 30


def configure_hypothesis(shrink: bool = True) -> None:
    """Make every run the same: no time limit, no database, and draws that depend on the check alone.

    Without `shrink` the first case that fails is told, not the smallest: that is much faster where many checks fail.
    """
    # No `explain`: it traces every line, and multiplies the time that wrong code costs.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink)
    hypothesis.settings.register_profile(
        "grader",
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=phases if shrink else phases[:-1],
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("grader")
    forget_local_constants()
