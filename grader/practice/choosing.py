"""Chooses questions, and their options, so that they are easy and show as many different mistakes as possible."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.diagnosis.cases import KnownMistake
from grader.practice.option_texts import RAISES, clearly_apart
from grader.practice.question import Option, Question, QuestionBook

BEFORE, AFTER = 4, 3
"""The most questions to answer before writing code, and after."""
MOST_OPTIONS = 4


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
    """Return a short name for a text, always the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def chosen(candidates: Sequence[Candidate], rejections: Rejections) -> QuestionBook:
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
