"""What commands answer with `--json`: the same as they print, as data for programs such as coding agents.

`docs/agents.schema.json` is generated from these structures, and docs/agents.md describes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from grader.course import Check, Course, Status
from grader.failures.rows import Mistake, Row
from grader.practice.question import LETTERS, explanation
from grader.study.commands import Hints, Standing
from grader.study.hunt import Answer as StepAnswer
from grader.study.hunt import Hunt, option_text
from grader.study.predicting import Asked
from grader.study.progress import ProgressStatus

if TYPE_CHECKING:
    from grader.checks.outcome import Outcome

SCHEMA = 1


class CheckOfRun(msgspec.Struct, frozen=True):
    """A check that ran: `rows`, `mistakes` and `counterexample` are as in results.json (docs/results.md).

    `counterexample` is the failing case as a program for Python in the course's folder; `printed` is what the learner's
    code printed. All of them are empty if the check passed.
    """

    id: str
    title: str
    status: Status
    rows: tuple[Row, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    counterexample: str = ""
    printed: str = ""


class ExerciseOfRun(msgspec.Struct, frozen=True):
    """An exercise whose checks ran: how many passed, ran and exist, and how many hidden ones run at grading."""

    exercise: str
    passed: int
    ran: int
    all_checks: int
    hidden: int
    checks: list[CheckOfRun]


class CheckAnswer(msgspec.Struct, frozen=True, tag_field="command", tag="check"):
    """The answer of `grader check --json`: exercises in course order, and sentences about what comes next."""

    exercises: list[ExerciseOfRun]
    sentences: list[str]
    schema: int = SCHEMA


class OneHint(msgspec.Struct, frozen=True):
    """A hint: its number among the course's hints, or 0 if it is for a mistake of the last run; `did` names that."""

    text: str
    number: int
    of: int
    did: str
    has_next: bool


class HintAnswer(msgspec.Struct, frozen=True, tag_field="command", tag="hint"):
    """The answer of `grader hint --json`: the hints, and whether the course counts the one just taken."""

    exercise: str
    hints: list[OneHint]
    counted: bool
    schema: int = SCHEMA


class ExerciseOfCourse(msgspec.Struct, frozen=True):
    """The status of an exercise; `waits_for` lists those that it builds on and that haven't passed yet."""

    exercise: str
    title: str
    status: ProgressStatus
    description: str
    waits_for: tuple[str, ...]
    is_next: bool
    about: str


class ProgressAnswer(msgspec.Struct, frozen=True, tag_field="command", tag="progress"):
    """The answer of `grader progress --json`: the learner's exercises in course order, and what to do next."""

    exercises: list[ExerciseOfCourse]
    advice: list[str]
    schema: int = SCHEMA


class OneOption(msgspec.Struct, frozen=True):
    """An option of a question: `explanation` says what gives it, and is empty if it is the right one."""

    letter: str
    text: str
    explanation: str


class OneQuestion(msgspec.Struct, frozen=True):
    """A question about what code answers: `right` is the letter of the right option, `answer` the learner's first."""

    id: str
    stage: Literal["before", "after"]
    code: tuple[str, ...]
    notes: tuple[str, ...]
    asks: str
    options: list[OneOption]
    right: str
    answer: str


class PredictAnswer(msgspec.Struct, frozen=True, tag_field="command", tag="predict"):
    """The answer of `grader predict --json`: the questions, those for after only once the exercise has passed."""

    exercise: str
    questions: list[OneQuestion]
    schema: int = SCHEMA


class BugName(msgspec.Struct, frozen=True):
    """A name to choose from: a kind of bug, or on level 3 a module."""

    letter: str
    text: str


class BugsAnswer(msgspec.Struct, frozen=True, tag_field="command", tag="bugs"):
    """The answer of `grader bugs --json`: where the learner is, and what the step said; no exercise without a hunt.

    `file` has the bug, or on level 3 is the folder; `losses` are those at the end of a training run with the learner's
    own code and with the bug.
    """

    exercise: str
    level: int
    file: str
    step: Literal["show", "name", "fix", "done"]
    options: list[BugName]
    sentences: tuple[str, ...]
    is_right: bool
    losses: tuple[float, ...] = ()
    schema: int = SCHEMA


Answer = CheckAnswer | HintAnswer | ProgressAnswer | PredictAnswer | BugsAnswer


def answer_to_check(
    course: Course, results: Sequence[tuple[Check, Outcome, str]], sentences: Sequence[str], hidden: bool
) -> CheckAnswer:
    """Put the results of a run together.

    Args:
        course: the course.
        results: the checks that ran, each with its outcome and what was printed.
        sentences: sentences about the learner's progress.
        hidden: whether hidden checks ran as well.
    """
    exercises = []
    for exercise in course.exercises:
        ran = [result for result in results if result[0].exercise == exercise.id]
        if ran:
            could = [check for check in exercise.checks if hidden or check.visibility == "visible"]
            passed = sum(outcome.status == "passed" for _, outcome, _ in ran)
            checks = [_check(*result) for result in ran]
            left = exercise.hidden_checks if not hidden else 0
            exercises.append(ExerciseOfRun(exercise.id, passed, len(ran), len(could), left, checks))
    return CheckAnswer(exercises, list(sentences))


def _check(check: Check, outcome: Outcome, printed: str) -> CheckOfRun:
    if outcome.status == "passed":
        return CheckOfRun(check.id, check.title, outcome.status)
    rows, mistakes = outcome.rows, outcome.mistakes
    return CheckOfRun(check.id, check.title, outcome.status, rows, mistakes, outcome.counterexample, printed)


def answer_to_hint(exercise: str, taken: Hints) -> HintAnswer:
    """Put the hints that were taken together."""
    hints = [OneHint(hint.text, hint.number, hint.of, hint.did, hint.has_next) for hint in taken.hints]
    return HintAnswer(exercise, hints, taken.counted)


def answer_to_progress(now: Standing) -> ProgressAnswer:
    """Put the status of the exercises together."""
    exercises = [
        ExerciseOfCourse(each.id, each.title, each.status, each.description, each.waits_for, each.is_next, each.effort)
        for each in now.exercises
    ]
    return ProgressAnswer(exercises, list(now.advice))


def answer_to_predict(exercise: str, asked: Sequence[Asked]) -> PredictAnswer:
    """Put the questions of an exercise together."""
    questions = []
    for each in asked:
        question = each.question
        options = [
            OneOption(letter, option.text, "" if option.is_right else explanation(option))
            for letter, option in zip(LETTERS, question.options, strict=False)
        ]
        right = LETTERS[question.right]
        questions.append(
            OneQuestion(
                question.id, each.stage, question.code, question.notes, question.asks, options, right, each.answer
            )
        )
    return PredictAnswer(exercise, questions)


def answer_to_bugs(hunt: Hunt | None, step: StepAnswer) -> BugsAnswer:
    """Put together where a hunt is, and what a step said; the exercise with the bug isn't told before it is named."""
    if hunt is None:
        return BugsAnswer("", 0, "", "done", [], step.sentences, step.is_right)
    is_secret = hunt.runs is not None and hunt.step == "name"
    exercise = "" if is_secret else hunt.exercise
    options = [
        BugName(letter, option_text(hunt, option)) for letter, option in zip(LETTERS, hunt.options, strict=False)
    ]
    losses = () if hunt.runs is None else tuple(run.end for run in hunt.runs)
    file = "bugs" if is_secret else f"bugs/{hunt.exercise}.py"
    return BugsAnswer(exercise, hunt.level, file, hunt.step, options, step.sentences, step.is_right, losses)


def as_json(answer: Answer) -> str:
    """Write an answer as JSON."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=1).decode()


def schema_text() -> str:
    """Write the JSON Schema of all answers."""
    schema: dict[str, Any] = msgspec.json.schema(Answer)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1).decode() + "\n"
