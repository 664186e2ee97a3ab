"""Level 3 of a hunt: a bug in one of the modules of a small GPT, which still trains, but clearly worse."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from grader.course import Course
from grader.errors import UsageError
from grader.learner.workspace import helpers_in
from grader.practice.planting import Account, plant
from grader.study.capstone import Part, Parts, load_capstone, standin_of, the_capstone, used
from grader.study.hunt import Answer, Hunt, PlantedBug
from grader.study.hunted_code import passed_code, trials_on
from grader.study.small_run import SmallRun
from grader.study.state import State

SILENCE = 20.0
"""Seconds without a sign of progress after which a training run with a bug is stopped."""
MOST_TRIALS, ROUNDS = 5, 3
"""How many bugs are tried in one module before the next one has its turn, and how many turns each gets."""
OPTIONS = 4


def begin_small_gpt(course: Course, state: State, names: Sequence[str], seed: int) -> Hunt:
    """Plant a bug in one of the modules of a small GPT.

    Args:
        course: the course.
        state: the learner's progress.
        names: the exercises whose modules may get the bug.
        seed: draws the bug.

    Raises:
        UsageError: too few modules have passed, or no bug suits.
        CourseError: the course has no capstone.
    """
    uses = _uses(load_capstone(course))
    passed = passed_code(course, state, uses)
    able = [name for name in uses if name in passed and name in names]
    if not able or len(passed) < 2:
        raise UsageError(
            f"Level 3 plants a bug in a small GPT of yours, so at least two of these must have passed: "
            f"{', '.join(uses)}. Until then: grader bugs --level 2"
        )
    draw = random.Random(seed)
    right_run = train(course, passed)
    for exercise in draw.sample(able, len(able)) * ROUNDS:
        runs: dict[str, SmallRun] = {}

        def suits(text: str, exercise: str = exercise, runs: dict[str, SmallRun] = runs) -> bool:
            try:
                runs[text] = train(course, {**passed, exercise: text})
            except Exception:
                return False
            return runs[text].trains_badly(right_run)

        with trials_on(course, exercise, passed) as trials:
            made = plant(trials, passed[exercise], 1, draw, Account(most=MOST_TRIALS), suits)
        if made is not None:
            others = [name for name in passed if name != exercise]
            options = draw.sample(others, min(OPTIONS - 1, len(others)))
            options.insert(draw.randrange(len(options) + 1), exercise)
            bugs = [PlantedBug(bug.kind, bug.function) for bug in made.bugs]
            both = (right_run, runs[made.text])
            return Hunt(exercise, 3, seed, passed, made.text, bugs, options, step="name", runs=both)
    raise UsageError("No bug was found with which your GPT trains, but badly. Try another one: grader bugs --level 2")


def trains_again(course: Course, hunt: Hunt, text: str) -> Answer:
    """Train with the learner's fix, and say whether it ends about as well as with their own code."""
    assert hunt.runs is not None
    right, _ = hunt.runs
    try:
        run = train(course, {**hunt.right, hunt.exercise: text})
    except Exception as error:
        return Answer((f"All visible checks pass, but the training fails: {error}",))
    if run.is_as_good_as(right):
        return Answer((), True)
    return Answer(
        (
            f"All visible checks pass, but the training ends at {run.end:.2f} instead of {right.end:.2f}. "
            f"Look at bugs/{hunt.exercise}.py again, and run: grader bugs --check",
        )
    )


def train(course: Course, texts: Mapping[str, str]) -> SmallRun:
    """Train a small GPT made of these modules, with stand-ins for the others.

    Raises:
        PartFailed: a module failed, or gave no sign of progress.
    """
    capstone, package = the_capstone(course), load_capstone(course)
    with tempfile.TemporaryDirectory(prefix="bugs-", ignore_cleanup_errors=True) as folder:
        for name, path in helpers_in(course.stubs, course.by_id).items():
            (Path(folder) / f"{name}.py").write_bytes(path.read_bytes())
        chosen = []
        for name in used(course, capstone):
            path = Path(folder) / f"{name}.py"
            if name in texts:
                path.write_text(texts[name], encoding="utf-8")
                chosen.append(Part(name, path))
            else:
                chosen.append(Part(name, standin_of(course, capstone, name), "a stand-in"))
        parts = Parts(chosen, SILENCE)
        try:
            run: SmallRun = package.small_run(parts)
        finally:
            parts.close()
    return run


def _uses(package: ModuleType) -> Sequence[str]:
    """Return the exercises that decide how a capstone's small run trains.

    Raises:
        UsageError: it has no small run.
    """
    if not hasattr(package, "small_run"):
        raise UsageError("This course's capstone has no short training run, so there is no level 3: --level 2")
    uses: Sequence[str] = package.SMALL_RUN_USES
    return uses
