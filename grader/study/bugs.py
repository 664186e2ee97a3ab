"""`grader bugs`: leads through a hunt for a bug in a terminal, or takes a step that was given at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from grader.course import Course
from grader.errors import UsageError
from grader.practice.question import LETTERS
from grader.study import hunting
from grader.study.hunt import Answer, Hunt, option_text, right_letters
from grader.study.json_answers import answer_to_bugs, as_json

Tell = Callable[[str], None]
Prompt = Callable[[str], str]
SKIP, QUIT = "s", "q"


@dataclass(frozen=True)
class Wanted:
    """What `grader bugs` was told to do.

    Attributes:
        exercise: the exercise's id; None for the one that the learner has practiced least.
        level: how hard it should be.
        seed: draws the same bugs again.
        show: lines that show the bug.
        name: letters of options.
        skip: whether to go on without an answer.
        check: whether to run the checks on the fix.
        stop: whether to give up.
        in_json: whether to show everything as JSON.
    """

    exercise: str | None = None
    level: int = 1
    seed: int | None = None
    show: str | None = None
    name: str | None = None
    skip: bool = False
    check: bool = False
    stop: bool = False
    in_json: bool = False


def bugs(course: Course, wanted: Wanted, prompt: Prompt | None, tell: Tell) -> Iterator[RenderableType]:
    """Yield what to show, one thing after the other.

    Args:
        course: the course.
        wanted: what to do.
        prompt: asks the learner something, and returns what they typed; None if there is no terminal to ask at.
        tell: gets a sentence if saved progress can't be read.

    Raises:
        UsageError: the step isn't possible now; the message says what is.
        StateError: a file can't be written.
    """
    answer = _step(course, wanted, tell)
    if answer is None:
        yield from _lead(course, wanted, prompt, tell)
    elif wanted.in_json:
        yield Text(as_json(answer_to_bugs(hunting.current_hunt(course, tell), answer)))
    else:
        yield from map(_line, answer.sentences)
        hunt = hunting.current_hunt(course, tell)
        if hunt is not None and hunt.step == "name":
            yield from _question(hunt)


def _step(course: Course, wanted: Wanted, tell: Tell) -> Answer | None:
    """Take the step that was given at once; None if none was."""
    if wanted.stop:
        return hunting.stop(course, tell)
    if wanted.show is not None:
        return hunting.show(course, wanted.show, tell)
    if wanted.name is not None:
        return hunting.name(course, wanted.name, tell)
    if wanted.skip:
        return hunting.skip(course, tell)
    if wanted.check:
        return hunting.check(course, tell, printing=not wanted.in_json)
    return None


def _lead(course: Course, wanted: Wanted, prompt: Prompt | None, tell: Tell) -> Iterator[RenderableType]:
    """Begin a hunt, or go on with it, step by step."""
    hunt = hunting.current_hunt(course, tell)
    if hunt is None or (wanted.exercise is not None and wanted.exercise != hunt.exercise):
        if not wanted.in_json:
            yield Text(_PLANTING[wanted.level == 3])
        hunt = hunting.begin(course, wanted.exercise, wanted.level, wanted.seed, tell)
    if wanted.in_json:
        yield Text(as_json(answer_to_bugs(hunt, Answer(()))))
        return
    yield from _introduced(hunt)
    while hunt is not None:
        yield from _question(hunt)
        if prompt is None:
            return
        try:
            typed = prompt(_PROMPTS[hunt.step]).strip()
        except EOFError:
            typed = QUIT
        if typed == QUIT:
            yield Text("The bug waits for you. To go on: grader bugs")
            return
        yield from map(_line, _answered(course, hunt, typed, tell).sentences)
        yield Text()
        hunt = hunting.current_hunt(course, tell)


_PLANTING = (
    "Planting a bug that the visible checks catch. This takes a moment ...",
    "Planting bugs and training small GPTs, until one trains badly. This takes a minute or two ...",
)
_PROMPTS = {
    "show": f"Your lines ({SKIP}: show me, {QUIT}: stop for now): ",
    "name": f"Your answer ({SKIP}: tell me, {QUIT}: stop for now): ",
    "fix": f"Press Enter once it's fixed ({QUIT}: stop for now): ",
}


def _answered(course: Course, hunt: Hunt, typed: str, tell: Tell) -> Answer:
    """Take the step that the learner is at, with what they typed."""
    try:
        if hunt.step == "fix":
            return hunting.check(course, tell)
        if typed == SKIP:
            return hunting.skip(course, tell)
        return hunting.show(course, typed, tell) if hunt.step == "show" else hunting.name(course, typed, tell)
    except UsageError as error:
        return Answer((str(error),))


def _line(sentence: str) -> Text:
    """Show a sentence, or a line of code, which isn't broken so that it can be copied."""
    is_code = sentence.startswith("    ")
    return Text(sentence, no_wrap=is_code, overflow="ignore" if is_code else "fold")


def _introduced(hunt: Hunt) -> Iterator[RenderableType]:
    """Say what was planted where."""
    if hunt.runs is not None:
        right, planted = hunt.runs
        yield Text(
            f"Your GPT trains, but badly: the loss stops at {planted.end:.2f}. Your own code gets to {right.end:.2f}."
        )
        yield Text(planted.curve)
        yield Text("It writes:")
        yield Text(f"    {' '.join(planted.sample.split())}")
        yield Text("A copy of your modules is in bugs/, and one of them has a bug. Your own files are as they were.")
        return
    what = "There is a bug" if len(hunt.bugs) == 1 else "There are two bugs"
    yield Text(f"{what} in bugs/{hunt.exercise}.py, a copy of your code that passed. Your own file is as it was.")
    builds_on = [name for name in hunt.right if name != hunt.exercise]
    if builds_on:
        yield Text(f"The other files in bugs/ are what it builds on: {', '.join(builds_on)}. They are right.")


def _question(hunt: Hunt) -> Iterator[RenderableType]:
    """Say what the next step is, and how to take it."""
    match hunt.step:
        case "show":
            yield Text("1. Show it", style="bold")
            yield Text(
                "Read the code, and find an input on which it does something else than your own code: an expression "
                "or lines that end with one. All names of the module are there, and torch, nn and tensor."
            )
            yield Text("    grader bugs --show 'CODE'")
        case "name":
            yield Text("Which module is it?" if hunt.runs is not None else "2. Name it", style="bold")
            count = len(right_letters(hunt))
            if count > 1:
                yield Text("Two of these are right:")
            for letter, option in zip(LETTERS, hunt.options, strict=False):
                yield Text(f"  {letter}) {option_text(hunt, option)}")
            yield Text(f"    grader bugs --name {LETTERS[:count]}")
        case "fix":
            yield Text("3. Fix it", style="bold")
            yield Text(
                f"Change bugs/{hunt.exercise}.py until all visible checks pass. A small change is enough. To look into "
                f"a failure: pytest --submission=bugs -k {hunt.exercise} --pdb"
            )
            yield Text("    grader bugs --check")
