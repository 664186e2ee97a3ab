"""The diagnosis: which misconceptions answer as the learner's code does.

All the recorded cases of an exercise are put to the learner's modules once, when one of its checks first fails. A
misconception is named for a failed check where

1. it answers every case as the learner's code does; or, with the catalogue at hand, two of them together do; or else
   it answers every case of that check, and every case in which it shows at all, as the learner's code does;
2. it differs from a right answer on a case of that check; and
3. with the catalogue at hand, it answers the smallest failing case itself as the learner's code did, and not rightly.

Where several do, the one whose own check failed is named; where that does not decide, none is.
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.course import Course
from grader.diagnosis.answers import Answers, agree, differing
from grader.diagnosis.cases import NO_ANSWER, Case, Said, ask, ask_often, case_of, load
from grader.diagnosis.variants import Variants
from grader.port import Plain
from grader.port.port import SEED, Exchange
from grader.port.transport import Transport

SECONDS = 10.0
BUDGET = 60.0
"""Seconds for one call of a learner's code, and for all that are made to find a name; usually a second is enough."""
MAX_PAIRS = 300


@dataclass
class Budget:
    """What is left of the seconds that a learner's code may take for having its mistakes named."""

    left: float = BUDGET


@dataclass(frozen=True)
class Diagnosis:
    """The misconceptions that explain a failure: one, or two that were made together."""

    misconceptions: tuple[Said, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(said.name for said in self.misconceptions)


class Diagnoser:
    """Names the mistakes of one exercise, for one learner after another."""

    def __init__(self, course: Course, exercise: str) -> None:
        books = [load(course.cases(visibility) / f"{exercise}.json") for visibility in ("visible", "hidden")]
        self.said = {said.name: said for book in books for said in book.misconceptions}
        self.cases = [case for book in books for case in book.cases]
        self.variants = Variants(course, exercise)
        self._pairs: dict[tuple[str, str, int], Answers] = {}

    def examine(self, transport: Transport) -> Examination:
        """Put the recorded cases to a learner's modules."""
        return Examination(self, transport)

    def close(self) -> None:
        """Let go of the modules that were opened."""
        self.variants.close()

    def asked_pair(self, pair: tuple[str, str], place: int) -> Answers | None:
        """Return what two misconceptions together answer to a case; None where they do not answer."""
        key = (*pair, place)
        if key not in self._pairs:
            answer = ask_often(self.variants.open(*pair), self.cases[place], SECONDS)
            if answer is None:
                return None
            self._pairs[key] = answer
        return self._pairs[key]


class Examination:
    """What one learner's modules answered to the recorded cases, and what follows.

    Args:
        diagnoser: knows the cases.
        transport: leads to the learner's modules.

    """

    def __init__(self, diagnoser: Diagnoser, transport: Transport) -> None:
        self._diagnoser = diagnoser
        self.transport = transport
        self._answers: dict[int, Answers] = {}
        # For each case that was answered the recorded answers that are the learner's, by their places.
        self._fits: dict[int, set[int]] = {}
        self._wrong: list[int] = []
        self._found_pairs: list[tuple[str, str]] | None = None
        self.budget = Budget()
        self._ask_what_decides()
        self._singles = [name for name in self._fitting() if any(self._tells(name, place) for place in self._wrong)]
        self._possible = [name for name in diagnoser.said if all(self._shows(name, place) for place in self._fits)]

    def __getstate__(self) -> dict[str, Any]:
        """Keep the findings alone: who takes them up has a diagnoser and a way to modules of its own."""
        return {name: value for name, value in vars(self).items() if name not in ("_diagnoser", "transport")}

    def over(
        self, transport: Transport, budget: Budget | None = None, diagnoser: Diagnoser | None = None
    ) -> Examination:
        """Return the same findings over another way to modules that answer alike.

        Args:
            transport: the way.
            budget: what there is for it; the same as here by default.
            diagnoser: who goes on from these findings; whoever made them by default.
        """
        found = copy.copy(self)
        found.transport = transport
        found.budget = budget or self.budget
        found._diagnoser = diagnoser or self._diagnoser
        return found

    def _ask_what_decides(self) -> None:
        """Put the cases to the learner's modules; many draws cost as much as all the rest, and come last.

        They are left out where misconceptions explain everything else, and draw as is right.
        """
        cases = self._diagnoser.cases
        chance = [place for place, case in enumerate(cases) if case.random]
        self._ask([place for place, case in enumerate(cases) if not case.random])
        found = self._fitting()
        if not self._wrong or not found or any(cases[place].by[name] != 0 for name in found for place in chance):
            self._ask(chance)

    def _ask(self, places: Sequence[int]) -> None:
        """Put cases to the learner's modules, up to one that is not answered."""
        for place in places:
            case = self._diagnoser.cases[place]
            answer = self._within_the_budget(ask_often, case)
            if answer is None:
                return
            self._answers[place] = answer
            self._fits[place] = {n for n, other in enumerate(case.answers) if _agree(case, answer, other)}
            if 0 not in self._fits[place]:
                self._wrong.append(place)

    def diagnose(self, check: str, exchanges: Sequence[Exchange]) -> Diagnosis | None:
        """Name the misconceptions that explain why a check failed; None where none is known that does.

        Args:
            check: the check's id.
            exchanges: what was asked in the smallest failing case.
        """
        case = case_of(check, exchanges)
        got = self._within_the_budget(ask, case)
        if got is None:
            return None
        explained = [(name,) for name in self._singles if self._differs(name, check)]
        found = self._confirmed(case, got, explained)
        if not found and not self._singles:
            pairs = [pair for pair in self._pairs() if any(self._differs(name, check) for name in pair)]
            found = self._confirmed(case, got, pairs)
        if not found:
            partial = [name for name in self._possible if self._explains(name, check)]
            found = self._confirmed(case, got, [(name,) for name in partial])
        said = self._diagnoser.said
        own = [names for names in found if any(said[name].check == check for name in names)]
        best = own or found
        if len(best) != 1:
            return None
        return Diagnosis(tuple(said[name] for name in best[0]))

    def _within_the_budget(self, put: Callable[[Transport, Case, float], Answers | None], case: Case) -> Answers | None:
        """Put a case to the learner's modules; None once they did not answer, or have used all the time there is."""
        if self.budget.left <= 0:
            return None
        start = time.monotonic()
        answer = put(self.transport, case, min(SECONDS, self.budget.left))
        self.budget.left = self.budget.left - (time.monotonic() - start) if answer is not None else 0.0
        return answer

    def _fitting(self) -> list[str]:
        """List the misconceptions that contradict none of the learner's answers."""
        return [name for name in self._diagnoser.said if all(self._holds(name, place) for place in self._fits)]

    def _holds(self, name: str, place: int) -> bool:
        """Say whether a misconception's answer to a case does not contradict the learner's."""
        number = self._diagnoser.cases[place].by[name]
        return number is None or number in self._fits[place]

    def _shows(self, name: str, place: int) -> bool:
        """Say whether the learner's answer to a case is wrong wherever a misconception's is."""
        return self._diagnoser.cases[place].by[name] in (0, None) or place in self._wrong

    def _tells(self, name: str, place: int) -> bool:
        """Say whether a misconception has an answer of its own to a case, and not just any at random."""
        return self._diagnoser.cases[place].by[name] not in (0, None, NO_ANSWER)

    def _differs(self, name: str, check: str) -> bool:
        """Say whether a misconception differs from a right answer on a case of a check; by chance is enough.

        Without the catalogue it is not: there the smallest failing case is not asked.
        """
        cases = self._diagnoser.cases
        enough = (0,) if self._diagnoser.variants.misconceptions else (0, None, NO_ANSWER)
        return any(case.by[name] not in enough for case in cases if case.check == check)

    def _explains(self, name: str, check: str) -> bool:
        """Say whether a misconception answers the cases of a check, and all that it shows in, as the learner does.

        That both raise says little; one case at least must be answered, and wrongly.
        """
        cases = self._diagnoser.cases
        shown = {place for place in self._fits if self._tells(name, place)}
        own = {place for place in self._fits if cases[place].check == check}
        told = [place for place in own & shown if not _raises(cases[place], name)]
        return bool(told) and all(self._holds(name, place) for place in own | shown)

    def _pairs(self) -> list[tuple[str, str]]:
        """List the pairs of misconceptions that answer every case as the learner does."""
        if self._found_pairs is None:
            self._found_pairs = [pair for pair in self._candidate_pairs() if self._pair_holds(pair)]
        return self._found_pairs

    def _candidate_pairs(self) -> list[tuple[str, str]]:
        variants = self._diagnoser.variants
        names = [name for name in self._possible if name in variants.misconceptions]
        shown = {name: {p for p in self._wrong if self._tells(name, p)} for name in names}
        pairs = [
            (one, other)
            for one, other in itertools.combinations(names, 2)
            if shown[one] | shown[other] >= set(self._wrong) and not shown[one] == shown[other] == set()
        ]
        return list(itertools.islice((pair for pair in pairs if variants.combines(*pair)), MAX_PAIRS))

    def _pair_holds(self, pair: tuple[str, str]) -> bool:
        # Those cases first in which something is wrong: they tell most pairs apart.
        for place in sorted(self._fits, key=lambda place: place not in self._wrong):
            answer = self._diagnoser.asked_pair(pair, place)
            if answer is None or not _agree(self._diagnoser.cases[place], self._answers[place], answer):
                return False
        return True

    def _confirmed(self, case: Case, got: Answers, found: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Keep those that answer the failing case as the learner did, and not as a right answer does."""
        variants = self._diagnoser.variants
        if not variants.misconceptions or not found:
            return list(found)
        right, right_again = (ask(variants.open(), case, SECONDS, seed) for seed in (SEED, SEED + 1))
        if right is None or right_again is None:
            return []
        recorded = [known for known in self._diagnoser.cases if known.check == case.check]
        free = frozenset(itertools.chain.from_iterable(known.free for known in recorded))
        loose = frozenset(itertools.chain.from_iterable(known.loose for known in recorded))
        loose |= differing(right, right_again)
        kept = []
        for names in found:
            answer, again = (ask(variants.open(*names), case, SECONDS, seed) for seed in (SEED, SEED + 1))
            if answer is None or again is None or agree(right, answer, frozenset(), free):
                continue
            # Draws need not come out alike in different programs.
            if agree(got, answer, loose | differing(answer, again), free):
                kept.append(names)
        return kept


def _raises(case: Case, name: str) -> bool:
    """Say whether a misconception's answer to a case differs from a right one by nothing but an exception."""
    place = case.by[name]
    assert place is not None
    right, answer = case.answers[0], case.answers[place]
    return all(path not in answer or _is_exception(answer[path]) for path in differing(answer, right) - case.free)


def _is_exception(leaf: Plain) -> bool:
    return isinstance(leaf, tuple) and leaf[0] in ("raised", "missing")


def _agree(case: Case, got: Answers, other: Answers) -> bool:
    return agree(got, other, case.loose, case.free)
