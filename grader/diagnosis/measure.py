"""Works out the number in a mistake: the eps, bound or factor with which it answers as the learner's code does.

Answers are recorded for a few numbers only. If a learner's answer is between two of them, so is the learner's number,
and the mistake itself is asked with better and better ones. Then the number has to explain every answer, as a recorded
one has to.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from grader.course.mistakes import Misconception
from grader.diagnosis.answers import Answers, agree, numbers_of
from grader.diagnosis.cases import NO_ANSWER, Case, ask, ask_often
from grader.diagnosis.variants import Variants

SECONDS = 10.0
BRACKETS = 4
"""The number of brackets that are tried; the first is usually right, unless answers jump."""
STEPS = 40
DIGITS = (1, 2, 3, 6)
"""Digits to which a number is rounded, as long as it then still answers alike."""


@dataclass(frozen=True)
class _Bracket:
    """A number of the learner's answer that is between those of two recorded values.

    Attributes:
        case: the case's position.
        index: the number's position in the answer.
        low, high: the values.
        distance: how far their answers are apart.
    """

    case: int
    index: int
    low: float
    high: float
    distance: float


class Measures:
    """Works out the numbers in mistakes, for one learner's answers.

    Args:
        variants: the mistakes; without a catalog nothing is worked out.
        cases: the recorded cases.
        answers: the learner's answers, by the positions of their cases.
        fits: the recorded answers that are the learner's, for each of these.
        roughly: whether answers are compared as if the learner's code computed in float32.
        exactly: if so, the numbers that were worked out with exact comparisons, which need not be asked for again.
    """

    def __init__(
        self,
        variants: Variants,
        cases: Sequence[Case],
        answers: Mapping[int, Answers],
        fits: Mapping[int, frozenset[int]],
        roughly: bool = False,
        exactly: Measures | None = None,
    ) -> None:
        self._variants = variants
        self._cases = cases
        self._answers = answers
        self._fits = fits
        self._roughly = roughly
        self._keys: dict[str, dict[float, str]] = {}
        self._fitting: list[str] | None = None
        self._stated: dict[str, bool] = {}
        self._rows: dict[int, torch.Tensor] = {}
        # The same for all comparisons: what mistakes with worked out numbers answer, and the numbers.
        self._asked: dict[tuple[str, int], Answers | None] = {} if exactly is None else exactly._asked
        self._solutions: dict[tuple[str, _Bracket], float | None] = {} if exactly is None else exactly._solutions

    def fitting(self) -> list[str]:
        """List the mistakes with a number that explains every answer, by their keys."""
        if self._fitting is None:
            first = [m for key, m in self._variants.misconceptions.items() if key == m.name and len(m.numbers) > 1]
            self._fitting = [key for key in map(self._worked_out, first) if key]
        return self._fitting

    def states(self, key: str) -> bool:
        """Say whether very different numbers contradict the learner's answers, so that a mistake's can be stated."""
        if key not in self._stated:
            mistake = self._variants.mistake(key)
            number = float(mistake.value)
            others = [mistake.with_value(_text(other)).key for other in _very_different(number)]
            self._stated[key] = all(self._contradicts(other, mistake) for other in others)
        return self._stated[key]

    def _contradicts(self, key: str, mistake: Misconception) -> bool:
        """Say whether a mistake with another number answers one of the cases in which numbers show differently."""
        return not all(self._agrees(key, position) for position in self._telling(mistake))

    def _telling(self, mistake: Misconception) -> list[int]:
        """List the cases that recorded values of a mistake answer differently, and not at random."""
        keys = self._by_value(mistake).values()
        return [
            position
            for position in self._fits
            if not self._cases[position].random
            and len({self._cases[position].by[key] for key in keys} - {None, NO_ANSWER}) > 1
        ]

    def _agrees(self, key: str, position: int) -> bool:
        case, got = self._cases[position], self._answers[position]
        if (key, position) not in self._asked:
            self._asked[key, position] = ask_often(self._variants.open(key), case, SECONDS)
        answer = self._asked[key, position]
        return answer is not None and agree(got, answer, case.loose, case.free, roughly=self._roughly)

    def _worked_out(self, mistake: Misconception) -> str | None:
        """Return the key of a mistake with the number that explains every answer; None if there is none."""
        keys = self._by_value(mistake).values()
        for position, fits in self._fits.items():
            recorded = {self._cases[position].by[key] for key in keys}
            if len(recorded) == 1 and not recorded <= {None, *fits}:
                return None
        brackets = [bracket for bracket in self._brackets(mistake) if self._is_possible(mistake, bracket)]
        brackets.sort(key=lambda bracket: -bracket.distance)
        for bracket in brackets[:BRACKETS]:
            if (mistake.name, bracket) not in self._solutions:
                self._solutions[mistake.name, bracket] = self._solved(mistake, bracket)
            number = self._solutions[mistake.name, bracket]
            if number is None:
                continue
            for text in dict.fromkeys(_text(number, digits) for digits in DIGITS):
                key = mistake.with_value(text).key
                # The case that the number is from first: it tells most others apart.
                if all(self._explains(key, mistake, bracket, position) for position in [bracket.case, *self._fits]):
                    return key
        return None

    def _is_possible(self, mistake: Misconception, bracket: _Bracket) -> bool:
        """Say whether the learner answers as both values of a bracket wherever these answer alike.

        That costs nothing, and rules out most brackets before their numbers are worked out.
        """
        around = (self._around(mistake, bracket, position) for position in self._fits)
        return all(
            None in alike or len(alike) > 1 or alike <= self._fits[position]
            for position, alike in zip(self._fits, around, strict=True)
        )

    def _explains(self, key: str, mistake: Misconception, bracket: _Bracket, position: int) -> bool:
        """Say whether a mistake with a number in a possible bracket answers a case as the learner did.

        It isn't asked if the values of the bracket answer alike.
        """
        around = self._around(mistake, bracket, position)
        return None in around or len(around) == 1 or self._agrees(key, position)

    def _around(self, mistake: Misconception, bracket: _Bracket, position: int) -> set[int | None]:
        """Return the positions of the recorded answers to a case for the two values of a bracket."""
        keys, by = self._by_value(mistake), self._cases[position].by
        return {by[keys[bracket.low]], by[keys[bracket.high]]}

    def _by_value(self, mistake: Misconception) -> Mapping[float, str]:
        """Return the keys of a mistake's recorded values."""
        if mistake.name not in self._keys:
            self._keys[mistake.name] = {float(variant.value): variant.key for variant in mistake.variants}
        return self._keys[mistake.name]

    def _brackets(self, mistake: Misconception) -> Iterator[_Bracket]:
        """Yield, for each case and two neighboring values, where the learner's answer is clearly between theirs."""
        by_value = self._by_value(mistake)
        for position, (low, high) in itertools.product(self._telling(mistake), itertools.pairwise(mistake.numbers)):
            case = self._cases[position]
            below, above = (case.by[by_value[value]] for value in (low, high))
            if below is None or above is None or below == above or NO_ANSWER in (below, above):
                continue
            start, middle, end = case.numbers(below), self._numbers(position), case.numbers(above)
            if not start.numel() or not start.numel() == middle.numel() == end.numel():
                continue
            distances = torch.where((start - middle) * (middle - end) > 0, (end - start).abs(), 0.0)
            index = int(distances.argmax())
            if distances[index] > 0:
                yield _Bracket(position, index, low, high, float(distances[index]))

    def _numbers(self, position: int) -> torch.Tensor:
        """Return the numbers of the learner's answer to a case that count, in one row."""
        if position not in self._rows:
            case = self._cases[position]
            self._rows[position] = numbers_of(self._answers[position], case.loose | case.free)
        return self._rows[position]

    def _solved(self, mistake: Misconception, bracket: _Bracket) -> float | None:
        """Return the number with which a mistake gives the learner's number; None if it gives no numbers at all."""
        case = self._cases[bracket.case]
        skipped = case.loose | case.free
        wanted = float(self._numbers(bracket.case)[bracket.index])

        def off_by(number: float) -> float:
            recorded = case.by.get(self._by_value(mistake).get(number, ""))
            if recorded is not None:
                answer: Answers | None = case.answers[recorded]
            else:
                answer = ask(self._variants.open(mistake.with_value(_text(number)).key), case, SECONDS)
            numbers = numbers_of(answer, skipped) if answer is not None else torch.empty(0)
            return float(numbers[bracket.index]) - wanted if len(numbers) > bracket.index else math.nan

        return _root(off_by, bracket.low, bracket.high)


def _root(function: Callable[[float], float], low: float, high: float) -> float | None:
    """Find where a function changes its sign; among powers if both ends are positive. None if it jumps."""
    forth, back = (math.log, math.exp) if low > 0 else (float, float)
    start, end = forth(low), forth(high)
    at_start, at_end = function(low), function(high)
    scale = max(abs(at_start), abs(at_end))
    for _ in range(STEPS):
        if not math.isfinite(at_start) or not math.isfinite(at_end) or at_start * at_end >= 0:
            return None
        middle = end - at_end * (end - start) / (at_end - at_start)
        at_middle = function(back(middle))
        if abs(at_middle) <= 1e-9 * scale:
            return back(middle)
        if at_middle * at_end < 0:
            start, at_start = end, at_end
        else:
            # The Illinois rule: an end that stays counts half, so that it moves soon.
            at_start /= 2
        end, at_end = middle, at_middle
    return back(end) if abs(at_end) <= 1e-3 * scale else None


def _very_different(number: float) -> tuple[float, float]:
    return (number / 2, number * 2) if number else (-0.1, 0.1)


def _text(number: float, digits: int = 17) -> str:
    """Write a number as Python reads it, as a float."""
    text = f"{number:.{digits}g}"
    return text if "." in text or "e" in text or "n" in text else f"{text}.0"
