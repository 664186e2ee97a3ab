"""Questions whose answer is a number to type: what a wrong number comes from is worked out for each known mistake.

A file `tests/visible/numbers/<id>.py` draws the calls, with `calls(draw)`. Each learner gets other ones, chosen with a
seed of their own from those that are recorded.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.diagnosis.cases import Case, KnownMistake, load
from grader.diagnosis.variants import Variants
from grader.practice.choosing import digest
from grader.practice.phrasing import code_of
from grader.practice.question import NumberQuestion, Slip
from grader.practice.writing_questions import last_reply
from grader.wire.requests import Answer, Call

DRAWS = 20
"""How often each function is asked about, over all learners."""


def number_questions(course: Course, exercise: str) -> list[NumberQuestion]:
    """Write the questions of an exercise that has a file for them; an empty list if it has none."""
    path = course.check_folder("visible") / "numbers" / f"{exercise}.py"
    if not path.is_file():
        return []
    mistakes = load(course.cases("visible") / f"{exercise}.json").misconceptions
    variants = Variants(course, exercise)
    try:
        return _questions(path, exercise, variants, mistakes)
    finally:
        variants.close()


def _questions(path: Path, exercise: str, variants: Variants, mistakes: Sequence[KnownMistake]) -> list[NumberQuestion]:
    calls = _load(path).calls
    draw = random.Random(exercise)
    questions: dict[str, NumberQuestion] = {}
    for _ in range(DRAWS):
        for name, args, kwargs in calls(draw):
            case = Case("", ((Call(0, exercise, name, args, kwargs, 0),),))
            right = _number(variants, case)
            slips: dict[str, Slip] = {}
            for mistake in mistakes:
                number = None if mistake.value else _number(variants, case, mistake.key)
                if number is not None and number != right:
                    slips.setdefault(str(number), Slip(mistake.name, mistake.did, mistake.why))
            code = code_of(case.batches[0])
            if right is not None and len(slips) > 1:
                question = NumberQuestion(digest("\n".join(code)), code, right, slips)
                questions[question.id] = question
    return list(questions.values())


def _number(variants: Variants, case: Case, *names: str) -> int | None:
    """Ask the solution, or a module with a mistake; None if the answer isn't a whole number."""
    reply = last_reply(variants.open(*names), case)
    value = reply.value if isinstance(reply, Answer) else None
    return int(value) if isinstance(value, int | float) and value == int(value) else None


def _load(path: Path) -> Any:
    """Import a file of drawn calls; it is the course's own code."""
    spec = importlib.util.spec_from_file_location(f"numbers_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
