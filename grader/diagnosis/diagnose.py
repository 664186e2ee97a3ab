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

import dataclasses
import functools
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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

    def examine(self, transport: Transport) -> Findings:
        """Put the recorded cases to a learner's modules, up to one that is not answered, and say what follows.

        Many draws cost as much as all the rest, and come last. They are left out if misconceptions explain everything
        else, and draw as is right.
        """
        budget = Budget()
        chance = [place for place, case in enumerate(self.cases) if case.random]
        plain = [place for place, case in enumerate(self.cases) if not case.random]
        findings = self._asked(transport, budget, plain, Findings())
        fitting = self._fitting(findings)
        if not findings.wrong or not fitting or any(self.cases[p].by[name] != 0 for name in fitting for p in chance):
            findings = self._asked(transport, budget, chance, findings)
        return dataclasses.replace(
            findings,
            singles=tuple(
                name
                for name in self._fitting(findings)
                if any(_tells(self.cases[place], name) for place in findings.wrong)
            ),
            possible=tuple(
                name
                for name in self.said
                if all(_shows(self.cases[place], name, place in findings.wrong) for place in findings.fits)
            ),
            complete=budget.left > 0,
        )

    def _asked(self, transport: Transport, budget: Budget, places: Sequence[int], before: Findings) -> Findings:
        """Put cases to the learner's modules, and add what they answer."""
        answers, fits = dict(before.answers), dict(before.fits)
        for place in places:
            case = self.cases[place]
            answer = _within(budget, ask_often, transport, case)
            if answer is None:
                break
            answers[place] = answer
            fits[place] = frozenset(n for n, other in enumerate(case.answers) if _agree(case, answer, other))
        return Findings(answers, fits, tuple(place for place in fits if 0 not in fits[place]))

    def _fitting(self, findings: Findings) -> list[str]:
        """List the misconceptions that contradict none of the learner's answers."""
        fits = findings.fits
        return [name for name in self.said if all(_holds(self.cases[place], name, fits[place]) for place in fits)]

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


@dataclass(frozen=True)
class Findings:
    """What one learner's modules answered to the recorded cases, and what follows; cases go by their places.

    `fits` has the recorded answers that are the learner's, by their places, for each case that was answered, and
    `wrong` lists the cases whose right answer is not among them. `singles` are the misconceptions that contradict
    nothing and show somewhere; `possible` those that show nowhere but where something is wrong. `complete` says that
    every question was answered in time.
    """

    answers: Mapping[int, Answers] = field(default_factory=dict)
    fits: Mapping[int, frozenset[int]] = field(default_factory=dict)
    wrong: tuple[int, ...] = ()
    singles: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    complete: bool = True


class Examination:
    """Names the mistakes of one learner's modules, from what was found of them.

    Args:
        diagnoser: knows the cases.
        findings: what the modules answered to these.
        transport: leads to modules that answer alike.
        budget: what is left for further questions; it is used up here.
    """

    def __init__(self, diagnoser: Diagnoser, findings: Findings, transport: Transport, budget: Budget) -> None:
        self.transport = transport
        self.budget = budget
        self._diagnoser = diagnoser
        self._findings = findings

    def over(self, transport: Transport) -> Examination:
        """Return the same over another way to the modules, at the cost of the same budget."""
        return Examination(self._diagnoser, self._findings, transport, self.budget)

    def diagnose(self, check: str, exchanges: Sequence[Exchange]) -> Diagnosis | None:
        """Name the misconceptions that explain why a check failed; None where none is known that does.

        Args:
            check: the check's id.
            exchanges: what was asked in the smallest failing case.
        """
        case = case_of(check, exchanges)
        got = _within(self.budget, ask, self.transport, case)
        if got is None:
            return None
        explained = [(name,) for name in self._findings.singles if self._differs(name, check)]
        found = self._confirmed(case, got, explained)
        if not found and not self._findings.singles:
            pairs = [pair for pair in self._pairs if any(self._differs(name, check) for name in pair)]
            found = self._confirmed(case, got, pairs)
        if not found:
            partial = [name for name in self._findings.possible if self._explains(name, check)]
            found = self._confirmed(case, got, [(name,) for name in partial])
        said = self._diagnoser.said
        own = [names for names in found if any(said[name].check == check for name in names)]
        best = own or found
        if len(best) != 1:
            return None
        return Diagnosis(tuple(said[name] for name in best[0]))

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
        cases, fits = self._diagnoser.cases, self._findings.fits
        shown = {place for place in fits if _tells(cases[place], name)}
        own = {place for place in fits if cases[place].check == check}
        told = [place for place in own & shown if not _raises(cases[place], name)]
        return bool(told) and all(_holds(cases[place], name, fits[place]) for place in own | shown)

    @functools.cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        """List the pairs of misconceptions that answer every case as the learner does."""
        return [pair for pair in self._candidate_pairs() if self._pair_holds(pair)]

    def _candidate_pairs(self) -> list[tuple[str, str]]:
        variants = self._diagnoser.variants
        names = [name for name in self._findings.possible if name in variants.misconceptions]
        cases, wrong = self._diagnoser.cases, self._findings.wrong
        shown = {name: {place for place in wrong if _tells(cases[place], name)} for name in names}
        pairs = [
            (one, other)
            for one, other in itertools.combinations(names, 2)
            if shown[one] | shown[other] >= set(wrong) and not shown[one] == shown[other] == set()
        ]
        return list(itertools.islice((pair for pair in pairs if variants.combines(*pair)), MAX_PAIRS))

    def _pair_holds(self, pair: tuple[str, str]) -> bool:
        # Those cases first in which something is wrong: they tell most pairs apart.
        for place in sorted(self._findings.fits, key=lambda place: place not in self._findings.wrong):
            answer = self._diagnoser.asked_pair(pair, place)
            if answer is None or not _agree(self._diagnoser.cases[place], self._findings.answers[place], answer):
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


def _within(
    budget: Budget, put: Callable[[Transport, Case, float], Answers | None], transport: Transport, case: Case
) -> Answers | None:
    """Put a case to a learner's modules; None once they did not answer, or have used all the time there is."""
    if budget.left <= 0:
        return None
    start = time.monotonic()
    answer = put(transport, case, min(SECONDS, budget.left))
    budget.left = budget.left - (time.monotonic() - start) if answer is not None else 0.0
    return answer


def _holds(case: Case, name: str, fits: frozenset[int]) -> bool:
    """Say whether a misconception's answer to a case does not contradict the learner's."""
    number = case.by[name]
    return number is None or number in fits


def _shows(case: Case, name: str, wrong: bool) -> bool:
    """Say whether the learner's answer to a case is wrong if a misconception's is."""
    return case.by[name] in (0, None) or wrong


def _tells(case: Case, name: str) -> bool:
    """Say whether a misconception has an answer of its own to a case, and not just any at random."""
    return case.by[name] not in (0, None, NO_ANSWER)


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
