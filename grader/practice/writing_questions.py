"""Writes questions from the recorded cases of an exercise: one option is the solution's answer, the others mistakes'.

A question is kept only if its numbers are few and short, its options differ clearly, and all right answers in other
styles give the right option; nobody chooses by hand.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from grader.course import Course
from grader.diagnosis.cases import NO_ANSWER, Case, KnownMistake, load
from grader.diagnosis.record import ReplyRecorder
from grader.diagnosis.variants import Variants
from grader.port.port import SEED
from grader.port.transport import Transport
from grader.practice.choosing import Candidate, Rejections, chosen, digest
from grader.practice.option_texts import WHOLE, Part, clearly_apart
from grader.practice.phrasing import NOTES, asks, code_of, notes, token_notes
from grader.practice.question import QuestionBook
from grader.practice.simple_cases import simple_cases
from grader.wire.connection import FarSideGone
from grader.wire.requests import (
    Answer,
    AnyRequest,
    Build,
    Call,
    Parameters,
    Probe,
    Reply,
    Reset,
)

MOST_NUMBERS = 50
"""The most numbers in the code of a question."""
MOST_LINES, LONGEST_LINE = 10, 220
MOST_ITEMS = 5
"""The most items of a list or tuple that are asked about one by one."""
SECONDS = 10.0

SEEDED = frozenset({"LanguageModel", "CachedLanguageModel", "SmallGPT", "Trainee"})
"""Objects of ours whose numbers a learner doesn't know."""


def write_questions(course: Course, exercise: str) -> tuple[QuestionBook, Rejections]:
    """Write the questions of an exercise; its cases must be up to date.

    Raises:
        CourseError: the course has no such cases, or a mistake doesn't fit the solution.
    """
    book = load(course.cases("visible") / f"{exercise}.json")
    # A learner can't know which tokens the checks' beginning of GPT-2's encoding makes of a text.
    counts_tokens = "tiktoken" in (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    variants = Variants(course, exercise)
    rejections = Rejections()
    try:
        recorder = ReplyRecorder(course, exercise, variants)
        candidates: list[Candidate] = []
        seen: set[str] = set()
        for case in book.cases:
            if case.random:
                continue
            for simple in simple_cases(case):
                reason = _unsuited(simple)
                if reason is None and (key := repr(simple.batches)) not in seen:
                    seen.add(key)
                    candidates += _questions(
                        simple, recorder, variants, book.misconceptions, exercise, counts_tokens, rejections
                    )
                elif reason is not None:
                    rejections.considered += 1
                    rejections.because[reason] += 1
    finally:
        variants.close()
    return chosen(candidates, rejections), rejections


def _unsuited(case: Case) -> str | None:
    """Say why a case can't be asked about, before anything is run; None if it can."""
    requests = case.batches[0]
    if any(isinstance(request, Probe) and request.kind not in NOTES for request in requests):
        return "it has objects that are hard to describe"
    lines = code_of(requests)
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        return "its code is too long"
    if sum(len(re.findall(r"(?<![\w.])-?\d+\.?\d*", line)) for line in lines) > MOST_NUMBERS:
        return "its code has too many numbers"
    if any(re.search(r"\d\.\d{3,}", line) for line in lines):
        return "its numbers are too long"
    return None


def _questions(
    simple: Case,
    recorder: ReplyRecorder,
    variants: Variants,
    mistakes: Sequence[KnownMistake],
    exercise: str,
    counts_tokens: bool,
    rejections: Rejections,
) -> Iterator[Candidate]:
    rejections.considered += 1
    case = recorder.record(simple)
    if case is None or case.random:
        rejections.because["right answers are random"] += 1
        return
    right_reply = last_reply(variants.open(), case)
    replies = _wrong_replies(case, variants, {mistake.key: mistake for mistake in mistakes})
    for part in _parts(right_reply):
        right = part.text_of(right_reply)
        reason = None
        if right is None:
            reason = "its answer is too long"
        elif _is_open(case, part):
            reason = "right answers differ"
        elif part.kind == "value" and _depends_on_hidden_numbers(case, part, right, variants):
            reason = "its answer depends on numbers that aren't shown"
        else:
            wrong: dict[str, list[KnownMistake]] = {}
            for reply, those in replies:
                text = part.text_of(reply)
                if text is not None and clearly_apart(text, right):
                    wrong.setdefault(text, []).extend(those)
            if len(wrong) >= 2:
                yield _candidate(case, part, right, wrong, exercise, counts_tokens)
                if part == WHOLE:
                    return
            else:
                reason = "fewer than two mistakes answer otherwise, and clearly so"
        if reason is not None and part == WHOLE:
            rejections.because[reason] += 1


def last_reply(transport: Transport, case: Case) -> Reply | None:
    """Ask modules a case of one batch, and return the reply to its last request; None if there is none in time."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        try:
            reply = transport.ask([Reset(SEED, True), *case.batches[0]], SECONDS)[-1]
        except FarSideGone:
            return None
    if isinstance(reply, Answer) and isinstance(case.batches[0][-1], Parameters):
        return Answer({name: value for name, _, value in reply.value})
    if isinstance(reply, Answer) and isinstance(case.batches[0][-1], Call) and case.batches[0][-1].printed:
        numbers = re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", str(reply.value))
        return Answer(float(numbers[-1])) if numbers else None
    return reply


def _wrong_replies(
    case: Case, variants: Variants, mistakes: Mapping[str, KnownMistake]
) -> list[tuple[Reply | None, list[KnownMistake]]]:
    """List the different wrong replies, and the mistakes that give each."""
    groups: dict[int, list[str]] = {}
    for key, position in case.by.items():
        # Of a mistake with several numbers, the first is the one that people make; the others mark out its range.
        if position not in (0, None, NO_ANSWER) and key in mistakes and not mistakes[key].value:
            groups.setdefault(position, []).append(key)
    return [(last_reply(variants.open(keys[0]), case), [mistakes[key] for key in keys]) for keys in groups.values()]


def _parts(reply: Reply | None) -> Iterator[Part]:
    """List what can be asked about an answer: all of it, its shape, and each item of a short list or tuple."""
    yield WHOLE
    yield Part("shape")
    if isinstance(reply, Answer) and isinstance(reply.value, list | tuple) and len(reply.value) <= MOST_ITEMS:
        for number in range(len(reply.value)):
            yield Part("value", number)


def _candidate(
    case: Case,
    part: Part,
    right: str,
    wrong: Mapping[str, Sequence[KnownMistake]],
    exercise: str,
    counts_tokens: bool,
) -> Candidate:
    requests = case.batches[0]
    code = code_of(requests)
    told = (*notes(requests, code), *(token_notes(requests) if counts_tokens else ()))
    asked = asks(requests[-1], part)
    texts = [right, *wrong]
    if any(re.search(r"\d\.\d", text) for text in texts):
        asked += " (Rounded to two places.)"
    if len({_without_brackets(text) for text in texts}) < len(texts):
        asked += " Mind the brackets: they are the shape."
    numbers = sum(len(re.findall(r"\d+\.?\d*", line)) for line in [*code, right])
    effort = numbers + 6 * len(code) + 10 * len(told) + (15 if part.kind == "shape" else 0)
    function = requests[-1].name if isinstance(requests[-1], Call) else ""
    name = digest("\n".join([exercise, asked, *code]))
    return Candidate(name, code, asked, told, right, wrong, effort, f"{function} {part}")


def _without_brackets(text: str) -> str:
    return re.sub(r"[\[\]() ]", "", text)


def _is_open(case: Case, part: Part) -> bool:
    """Say whether right answers differ in what is asked: in the value, or in the form."""
    path = f"0.{len(case.batches[0]) - 1}"
    if part.position is not None:
        path = f"{path}[{part.position}]"
    paths = case.free | (case.loose if part.kind == "value" else frozenset())
    return any(other == path or other.startswith((f"{path}[", f"{path}.")) for other in paths)


def _depends_on_hidden_numbers(case: Case, part: Part, right: str, variants: Variants) -> bool:
    """Say whether the answer changes with the seed of an object whose numbers a question doesn't show."""
    requests = case.batches[0]
    if any("a tensor of shape" in line for line in code_of(requests)):
        return True
    for seed in (11, 12, 13):
        other = tuple(_reseeded(request, seed) for request in requests)
        if all(new is old for new, old in zip(other, requests, strict=True)):
            return False
        if part.text_of(last_reply(variants.open(), Case(case.check, (other,)))) != right:
            return True
    return False


def _reseeded(request: AnyRequest, seed: int) -> AnyRequest:
    """Give one of our objects, or a learner's with an argument `random_state`, another seed."""
    if isinstance(request, Probe) and request.kind in SEEDED:
        return msgspec.structs.replace(request, kwargs={**request.kwargs, "seed": seed})
    if isinstance(request, Build) and "random_state" in request.kwargs:
        return msgspec.structs.replace(request, kwargs={**request.kwargs, "random_state": seed})
    return request
