"""Facts: what a learner's code does, measured, for mistakes that aren't in the catalog.

A known mistake is named if its answers are the learner's. A fact needs no such agreement. It asks the learner's module
something whose answer shows one property, such as the factor of the attention scores, and says what it found: "Your
scores are multiplied by 0.25, expected 0.5." That is true in any style, and whatever else is wrong.

The facts of an exercise are in `tests/visible/facts/<exercise>.py`, so a student's copy has them, too. They use nothing
but the port. The first one that has something to say names the mistake of every failed check that no known mistake
explains.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from grader.checks.failure import CheckFailure
from grader.course import Course
from grader.course.code import imported
from grader.diagnosis import KnownMistake
from grader.failures.rows import MEASURED
from grader.port import LearnerError, Port

Measure = Callable[[Port], str | None]
"""Asks a learner's module, and returns a sentence about what it does; None if that is right or can't be measured."""


@dataclass(frozen=True)
class Fact:
    """A property of a learner's module that can be measured.

    Attributes:
        name: the name of the function that measures it.
        why: why the property has to be another one, in a sentence.
        hint: where to look, without giving the line away.
        measure: measures it.
    """

    name: str
    why: str
    hint: str
    measure: Measure

    def known_mistake(self, learner: Port) -> KnownMistake | None:
        """Return what was measured in the form of a mistake; None if there is nothing to say."""
        learner.begin()
        try:
            did = self.measure(learner)
        except (LearnerError, CheckFailure):
            return None
        return None if did is None else KnownMistake(f"{MEASURED}{self.name}", did, self.why, self.hint, check="")


def fact(*, why: str, hint: str) -> Callable[[Measure], Fact]:
    """Make a fact of a function that measures; its docstring says how it measures.

    Args:
        why: why the property has to be another one, in a sentence.
        hint: where to look, without giving the line away.
    """

    def made(measure: Measure) -> Fact:
        return Fact(measure.__name__, why, hint, measure)

    return made


def facts_of(course: Course, exercise: str) -> tuple[Fact, ...]:
    """Return the facts of an exercise in the order of their file, the most basic ones first; none without a file."""
    path = course.facts / f"{exercise}.py"
    if not path.is_file():
        return ()
    return tuple(value for value in vars(_module(path, course.root)).values() if isinstance(value, Fact))


def first_fact(facts: tuple[Fact, ...], learner: Port) -> KnownMistake | None:
    """Return the first fact that has something to say about a learner's module."""
    found = (fact.known_mistake(learner) for fact in facts)
    return next((mistake for mistake in found if mistake is not None), None)


@functools.cache
def _module(path: Path, root: Path) -> ModuleType:
    return imported(path, root, f"grader_facts_of_{path.stem}")
