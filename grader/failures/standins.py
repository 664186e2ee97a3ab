"""What a learner reads about stand-ins, which replace the other modules that an exercise needs."""

from __future__ import annotations

from collections.abc import Sequence


def graded_over_standins(harmful: Sequence[str], unwritten: Sequence[str], all_passed: bool) -> str:
    """Say in one sentence why checks were passed only with stand-ins.

    Args:
        harmful: the learner's modules with which these checks fail.
        unwritten: the modules that don't exist yet.
        all_passed: whether all checks of the exercise passed, so that nothing is wrong with it.
    """
    absent = f"{_names(unwritten)} {'are' if len(unwritten) > 1 else 'is'} not written yet" if unwritten else ""
    if all_passed:
        parts = [
            "Correct on its own (tested with stand-ins)",
            *([f"but fails with {yours(harmful)}"] if harmful else []),
        ]
        return "; ".join([", ".join(parts), *([absent] if absent else [])]) + "."
    if not harmful:
        return f"Tested with the grader's stand-ins, because {absent}."
    parts = [f"Some checks fail with {yours(harmful)}, and pass with the grader's stand-in"]
    return "; ".join([*parts, *([absent] if absent else [])]) + "."


def raised_over_standins(standins: Sequence[str], raising: str) -> str:
    """Say that stand-ins were used when something was raised.

    Args:
        standins: the modules that stand-ins replaced.
        raising: the stand-in that raised it; empty if none did.
    """
    if raising:
        return f"raised by the grader's stand-in for {raising}, not by your {raising}: look at how you call it"
    return f"tested with the grader's stand-in{'s' if len(standins) > 1 else ''} for {_names(standins)}, not with yours"


def yours(modules: Sequence[str]) -> str:
    """Name modules of the learner."""
    return f"your {_names(modules)}"


def _names(modules: Sequence[str]) -> str:
    *others, last = modules
    return f"{', '.join(others)} and {last}" if others else last
