"""A set of instructions whose answers can be checked exactly: questions about the beginnings of stories."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from capstone.grammar import Grammar
from capstone.stories import BOYS, GIRLS, RULES, STORIES

_BEGINNING = Grammar({**RULES, "beginning": ("<opening> <finding> <meeting>",)}, STORIES.forms, start="beginning")
_WORD = re.compile(r"\w+")
_THINGS = [thing for name, things in RULES.items() if name.startswith("thing/") for thing in things]
ECHO = "repeat a word"
"""The kind of instruction that has no input."""


@dataclass(frozen=True)
class Question:
    """An instruction, what it is about, and the only right answer."""

    kind: str
    instruction: str
    input: str
    output: str

    def entry(self) -> dict[str, str]:
        """Return the entry as the book has it."""
        return {"instruction": self.instruction, "input": self.input, "output": self.output}


def _the(values: Iterable[str]) -> Callable[[str], str]:
    """Return a function that finds the one of some values that is in a text."""
    known = set(values)
    return lambda text: next(word for word in _WORD.findall(text) if word in known)


_child, _animal, _thing = _the(GIRLS + BOYS), _the(RULES["animal"]), _the(_THINGS)
_look, _mood = _the(RULES["look"]), _the(RULES["mood"])


def _place(text: str) -> str:
    return next(place for place in RULES["place"] if place in text)


KINDS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "the child": ("Who is it?", lambda text: f"It was {_child(text)}."),
    "girl or boy": ("A girl or a boy?", lambda text: f"It was a {'girl' if _child(text) in GIRLS else 'boy'}."),
    "the place": ("Where was it?", lambda text: f"It was {_place(text)}."),
    "the animal": ("Which animal came?", lambda text: f"It was the {_animal(text)}."),
    "its mood": ("How was the animal?", lambda text: f"It was {_mood(text)}."),
    "the thing": ("What was found?", lambda text: f"It was the {_thing(text)}."),
    "its look": ("How did the thing look?", lambda text: f"It was {_look(text)}."),
}
"""Each kind of question about a beginning, and how its answer is found."""


def ask(draw: random.Random, count: int, known: Collection[str] = ()) -> list[Question]:
    """Make questions, equally many of each kind.

    Args:
        draw: the source of randomness.
        count: the number of questions.
        known: beginnings of stories that must not occur again.
    """
    words = [*RULES["animal"], *RULES["look"], *RULES["mood"], *_THINGS]
    questions: list[Question] = []
    while len(questions) < count:
        kind = [*KINDS, ECHO][len(questions) % (len(KINDS) + 1)]
        if kind == ECHO:
            word = draw.choice(words)
            questions.append(Question(kind, f"Say the word {word}.", "", f"It was {word}."))
            continue
        text = _BEGINNING.sample(draw).text
        if text not in known:
            instruction, answer = KINDS[kind]
            questions.append(Question(kind, instruction, text, answer(text)))
    return questions


def guessed_right(train: Sequence[Question], kept: Sequence[Question]) -> float:
    """Return the share of right answers of somebody who gives the most frequent answer to each instruction."""
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for question in train:
        answers[question.instruction][question.output] += 1
    guesses = {instruction: counts.most_common(1)[0][0] for instruction, counts in answers.items()}
    return sum(guesses.get(question.instruction) == question.output for question in kept) / len(kept)
