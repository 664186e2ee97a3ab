"""How Hypothesis works for the checks: the same examples in every run, without its own limits."""

from __future__ import annotations

import hypothesis

from grader.checks.pytest_internals import forget_local_constants

EXAMPLES = 15
"""Twice as many as every known mistake needs to fail its own check; checks that need more say so themselves."""


def configure_hypothesis(shrink: bool = True) -> None:
    """Make every run the same: no time limit, no database, and draws that depend only on the check.

    Without `shrink`, a failure shows the first failing case, not the smallest: much faster if many checks fail.
    """
    # No `explain`: it traces every line, which makes failing checks many times slower.
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
