"""Writes questions from the recorded cases of an exercise: one option is the solution's answer, the others mistakes'.

A question is kept only if its numbers are few and short, its options differ clearly, and all right answers in other
styles give the right option; nobody chooses by hand.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import torch

from grader.checks.show import show, show_calls
from grader.course import Course
from grader.diagnosis.answers import REFUSALS
from grader.diagnosis.cases import NO_ANSWER, Case, KnownMistake, load
from grader.diagnosis.record import ReplyRecorder
from grader.diagnosis.variants import Variants
from grader.learner.encodings import ENCODINGS
from grader.port.port import SEED
from grader.port.transport import Transport
from grader.practice.question import Option, Question, QuestionBook
from grader.practice.simple_cases import plain_value, simple_cases
from grader.wire.connection import FarSideGone
from grader.wire.plain import Plain
from grader.wire.requests import (
    Answer,
    AnyRequest,
    Build,
    Call,
    Get,
    Parameters,
    Probe,
    Raised,
    Reply,
    Reset,
    SetParameters,
)

BEFORE, AFTER = 4, 3
"""The most questions to answer before writing code, and after."""
MOST_NUMBERS = 50
"""The most numbers in the code of a question."""
MOST_ANSWER_NUMBERS = 12
"""The most numbers in an option."""
MOST_LINES, LONGEST_LINE = 10, 220
MOST_OPTIONS = 4
MOST_ITEMS = 5
"""The most items of a list or tuple that are asked about one by one."""
APART = 0.04
"""How far apart at least one number of two options is: an absolute distance, and a share of the larger one."""
MOST_PARAMETERS = 200
RAISES = "It raises"
PLAIN = "# in {}, every weight matrix has 1 on its diagonal and 0 elsewhere, scales are 1, biases and shifts are 0"
ORDINALS = ("first", "second", "third", "fourth", "fifth")
DUNDERS = (
    (r"(\w+)\.__len__\(\)", r"len(\1)"),
    (r"(\w+)\.__float__\(\)", r"float(\1)"),
    (r"(\w+)\.__getitem__\((.+)\)$", r"\1[\2]"),
)
"""Calls by names that Python reserves, and how people write them."""
IRRELEVANT = re.compile(r", (?:tilt=0\.0|seed=\d+)(?=[,)])")
"""Arguments of our own models that have no effect on an answer."""
NEARLY = 1e-3
"""How far a number may be from a whole one that it's rounded to."""
SECONDS = 10.0

MODEL = "The model is a small language model: it takes ids (batch, tokens), and returns logits (batch, tokens, vocab)."
NOTES = {
    "Tokenizer": "The tokenizer has one id for each character: its code point modulo `vocab_size`.",
    "CharacterTokenizer": "The tokenizer has one id for each character of its alphabet, in order, and the next one for "
    "`<|endoftext|>`.",
    "Loader": "The loader yields these batches, in this order.",
    "PreferenceLoader": "The loader yields these batches, in this order.",
    "LanguageModel": MODEL,
    "CachedLanguageModel": MODEL,
    "SmallGPT": MODEL,
    "optimizer": "The optimizer is torch's.",
    "device": "",
    "Disk": "The disk is a folder; `path` gives the path of a file in it.",
    "Trainee": "The trainee is a small network, and `make_optimizer` makes an optimizer of it.",
    "items": "`items` goes through it, and lists at most `most` items.",
    "frame": "`frame` makes a frame of pandas with these columns.",
    "csv_file": "`csv_file` writes these columns into a CSV file.",
    "frame_contents": "`frame_contents` lists what is in it.",
    "Weights": "The weights are parameters with these values.",
}
"""What a question says about objects that aren't the learner's; a question with others isn't asked."""
SEEDED = frozenset({"LanguageModel", "CachedLanguageModel", "SmallGPT", "Trainee"})
"""Those of them whose numbers a learner doesn't know."""


@dataclass
class Rejections:
    """How many questions were considered, and why some were rejected."""

    considered: int = 0
    because: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Candidate:
    """A question that could be asked.

    Attributes:
        name: the question's id.
        code, asks, notes: as in the question.
        right: the right option.
        wrong: for each wrong option, the mistakes that answer so.
        effort: how hard it is to keep in mind, as a number.
        function: what it asks about.
    """

    name: str
    code: tuple[str, ...]
    asks: str
    notes: tuple[str, ...]
    right: str
    wrong: Mapping[str, Sequence[KnownMistake]]
    effort: int
    function: str

    @property
    def shown(self) -> frozenset[str]:
        """The names of all mistakes that its options could show."""
        return frozenset(mistake.name for mistakes in self.wrong.values() for mistake in mistakes)

    def question(self, shown: Counter[str]) -> Question:
        """Choose its options: first those of mistakes that other questions haven't shown; an exception comes last."""

        def seen(mistake: KnownMistake) -> int:
            return shown[mistake.name]

        ranked = sorted(
            self.wrong.items(),
            key=lambda item: (item[0].startswith(RAISES), min(map(seen, item[1])), len(item[1])),
        )
        wrong: list[Option] = []
        for text, mistakes in ranked:
            others = [mistake for mistake in mistakes if mistake.name not in {option.mistake for option in wrong}]
            is_apart = all(clearly_apart(text, option.text) for option in wrong)
            raises = text.startswith(RAISES) and any(option.text.startswith(RAISES) for option in wrong)
            if others and is_apart and not raises and len(wrong) < MOST_OPTIONS - 1:
                mistake = min(others, key=seen)
                wrong.append(Option(text, mistake.name, mistake.did, mistake.why))
        options = sorted([Option(self.right), *wrong], key=lambda option: digest(self.name + option.text))
        return Question(self.name, self.code, self.asks, tuple(options), self.notes)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


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
    return _chosen(candidates, rejections), rejections


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


@dataclass(frozen=True)
class Part:
    """What is asked about an answer: its value or its shape; of all of it, or of its item at a position."""

    kind: str
    position: int | None = None

    def text_of(self, reply: Reply | None) -> str | None:
        """Write what is asked about a reply as a short text; None if that can't be done."""
        match reply:
            case Raised(types=types):
                return "It raises an exception." if set(types) & set(REFUSALS) else f"It raises {types[0]}."
            case Answer(value=value):
                if self.position is not None:
                    is_long_enough = isinstance(value, list | tuple) and len(value) > self.position
                    return _short(value[self.position]) if is_long_enough else None
                return _shape(value) if self.kind == "shape" else _short(value)
        return None


WHOLE = Part("value")


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
    token_notes = _token_notes(requests) if counts_tokens else ()
    code = code_of(requests)
    notes = (*_notes(requests, code), *token_notes)
    asks = _asks(requests[-1], part)
    texts = [right, *wrong]
    if any(re.search(r"\d\.\d", text) for text in texts):
        asks += " (Rounded to two places.)"
    if len({_without_brackets(text) for text in texts}) < len(texts):
        asks += " Mind the brackets: they are the shape."
    numbers = sum(len(re.findall(r"\d+\.?\d*", line)) for line in [*code, right])
    effort = numbers + 6 * len(code) + 10 * len(notes) + (15 if part.kind == "shape" else 0)
    function = requests[-1].name if isinstance(requests[-1], Call) else ""
    name = digest("\n".join([exercise, asks, *code]))
    return Candidate(name, code, asks, notes, right, wrong, effort, f"{function} {part}")


def code_of(requests: Sequence[AnyRequest]) -> tuple[str, ...]:
    """Write requests as people write code: with attributes, and without unused names and long tables of numbers."""
    lines = show_calls(requests, len(requests) * MOST_PARAMETERS)[0]
    readable: list[str] = []
    position = 0
    for request in requests:
        count = len(request.values) if isinstance(request, SetParameters) else 1
        group = lines[position : position + count]
        position += count
        if isinstance(request, SetParameters) and count > 3 and _is_plain(request):
            readable.append(PLAIN.format(group[0].partition(".")[0]))
        else:
            readable += [_with_short_tensors(line, request) for line in group]
    return tuple(
        _as_people_write(_without_unused_name(line, readable[number + 1 :]))
        for number, line in enumerate(readable)
        if line != "device = probes.device()"
    )


def _as_people_write(line: str) -> str:
    """Leave out what only our own objects need, and call functions instead of methods with reserved names."""
    line = IRRELEVANT.sub("", line.replace("probes.", ""))
    line = re.sub(r"(?<![\w.])device(?![\w(=])", "'cpu'", line)
    for pattern, replacement in DUNDERS:
        line = re.sub(pattern, replacement, line)
    return line


def _is_plain(request: SetParameters) -> bool:
    return all(torch.equal(value.float(), plain_value(name, value)) for name, value in request.values.items())


def _with_short_tensors(line: str, request: AnyRequest) -> str:
    """Set parameters as attributes, and write zeros and unit matrices in words that torch knows."""
    line = re.sub(r"\.get_parameter\('(.+?)'\)\.data\.copy_\((.*)\)$", r".\1.data = \2", line)
    line = re.sub(r"\.(\d+)(?=\.)", r"[\1]", line) if ".data = " in line else line
    tensors = request.values.values() if isinstance(request, SetParameters) else ()
    for tensor in tensors:
        shape = ", ".join(map(str, tensor.shape))
        if tensor.dim() == 2 and tensor.numel() > 4 and not tensor.any():
            line = line.replace(show(tensor), f"torch.zeros({shape})")
        elif tensor.dim() == 2 and tensor.numel() > 4 and torch.equal(tensor.float(), torch.eye(*tensor.shape)):
            line = line.replace(show(tensor), f"torch.eye({shape})")
    return line


def _without_unused_name(line: str, later: Sequence[str]) -> str:
    name, _, call = line.partition(" = ")
    is_used = any(re.search(rf"\b{re.escape(name)}\b", other) for other in later)
    return call if re.fullmatch(r"result(_\d+)?", name) and not is_used else line


def _asks(request: AnyRequest, part: Part) -> str:
    if part.kind == "shape":
        return "What is the shape of the answer?"
    if part.position is not None:
        return f"What is the {ORDINALS[part.position]} of the values that come back?"
    if isinstance(request, Call) and request.printed:
        return "Which number does the last line print last?"
    if isinstance(request, Parameters):
        return "What are the parameters?"
    if isinstance(request, Get):
        return (
            "What is the value of the attribute?" if request.name else "What is in the variable on the last line now?"
        )
    return "What comes back?"


def _notes(requests: Sequence[AnyRequest], code: Sequence[str]) -> tuple[str, ...]:
    """Say what our objects are, and what the code doesn't show: the number of a text's tokens, and all-zero logits."""
    notes = [NOTES[request.kind] for request in requests if isinstance(request, Probe)]
    heads = [request.values for request in requests if isinstance(request, SetParameters)]
    if MODEL in notes and any("out_head.weight" in values and not values["out_head.weight"].any() for values in heads):
        notes.append("Its head is zero and has no bias, so all its logits are 0.")
    if any(".named(" in line for line in code):
        notes.append("`named` lists some of them, and `receive` gives each its gradient.")
    return tuple(dict.fromkeys(note for note in notes if note))


def _token_notes(requests: Sequence[AnyRequest]) -> tuple[str, ...]:
    """Say how many tokens the texts have, if no tokenizer of ours is there to tell."""
    if any(isinstance(request, Probe) and request.kind.endswith("Tokenizer") for request in requests):
        return ()
    texts = [
        value
        for request in requests
        if isinstance(request, Build | Call)
        for value in (*request.args, *request.kwargs.values())
        if isinstance(value, str)
    ]
    encode = functools.partial(ENCODINGS["gpt2"].encode, allowed_special="all")
    return tuple(f"The text has {len(encode(text))} tokens." for text in texts)


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


def clearly_apart(first: str, second: str) -> bool:
    """Say whether two options differ in more than a rounding."""
    pattern = r"-?\d+\.?\d*"
    if re.sub(pattern, "", first) != re.sub(pattern, "", second):
        return True
    numbers = [re.findall(pattern, text) for text in (first, second)]
    if len(numbers[0]) != len(numbers[1]):
        return True
    pairs = zip(*numbers, strict=True)
    return any(abs(float(a) - float(b)) >= max(APART, APART * max(abs(float(a)), abs(float(b)))) for a, b in pairs)


def _shape(value: Plain) -> str | None:
    if not isinstance(value, torch.Tensor):
        return None
    return f"({', '.join(map(str, value.shape))}{',' if value.dim() == 1 else ''})"


def _short(value: Plain) -> str | None:
    text = _value(value)
    numbers = 0 if text is None else len(re.findall(r"\d+\.?\d*", text))
    return text if text is not None and numbers <= MOST_ANSWER_NUMBERS and len(text) <= LONGEST_LINE else None


def _value(value: Plain) -> str | None:
    """Write a value as text, with numbers rounded to two decimals."""
    match value:
        case torch.Tensor() | np.ndarray():
            many = value.numel() if isinstance(value, torch.Tensor) else value.size
            return _value(value.tolist()) if many <= MOST_ANSWER_NUMBERS else None
        case float():
            if math.isnan(value) or math.isinf(value):
                return str(value)
            rounded = f"{value:.2f}".rstrip("0").rstrip(".")
            if "." not in rounded and abs(value - float(rounded)) > NEARLY:
                # It would look like a number that something else gives exactly.
                return None
            return "0" if rounded == "-0" else rounded
        case list() | tuple():
            items = [_value(item) for item in value]
            left, right = "[]" if isinstance(value, list) else "()"
            return None if None in items else f"{left}{', '.join(map(str, items))}{right}"
        case dict():
            pairs = [(key, _value(item)) for key, item in value.items()]
            return None if None in dict(pairs).values() else f"{{{', '.join(f'{k!r}: {v}' for k, v in pairs)}}}"
        case bool() | int() | str() | bytes() | None:
            return repr(value)
    return None


def _chosen(candidates: Sequence[Candidate], rejections: Rejections) -> QuestionBook:
    """Choose easy questions that show as many different mistakes as possible."""
    left = list({candidate.name: candidate for candidate in reversed(candidates)}.values())
    chosen: list[tuple[int, Question]] = []
    shown: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    rights: Counter[str] = Counter()
    while left and len(chosen) < BEFORE + AFTER:

        def cost(candidate: Candidate) -> tuple[float, str]:
            new = min(MOST_OPTIONS - 1, sum(1 for mistake in candidate.shown if not shown[mistake]))
            repeated = 15 * functions[candidate.function] + 20 * rights[candidate.right]
            return candidate.effort - 15 * new + repeated, candidate.name

        best = min(left, key=cost)
        left.remove(best)
        question = best.question(shown)
        wrong = [option.mistake for option in question.options if not option.is_right]
        if len(wrong) < 2 or all(shown[mistake] for mistake in wrong):
            continue
        chosen.append((best.effort, question))
        shown.update(wrong)
        functions[best.function] += 1
        rights[best.right] += 1
    rejections.because["easier ones show the same mistakes"] += len(candidates) - len(chosen)
    questions = tuple(question for _, question in sorted(chosen, key=lambda pair: pair[0]))
    return QuestionBook(questions[:BEFORE], questions[BEFORE:])
