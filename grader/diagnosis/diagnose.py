"""The diagnosis: which known mistakes answer as the learner's code does.

When a check of an exercise first fails, the learner's modules are asked all recorded cases of the exercise, once. A
mistake is named for a failed check if

1. it answers every case as the learner's code does; or, with the catalog at hand, one with a number that is worked
   out from the learner's answers does, or two of them together do; or else it answers every case of that check, and
   every case in which it shows at all, as the learner's code does;
2. it differs from a right answer on a case of that check; and
3. with the catalog at hand, it answers the smallest failing case itself as the learner's code did, and not rightly.

If several do, the one that belongs to the failed check is named; if that doesn't decide, none is.

A check may fail only because of what earlier checks did, such as adding to a list that all objects share. Then fresh
modules answer its smallest failing case rightly. In this case a mistake is named if 1 holds, and if it answers as the
learner's code does, and not rightly, when the case is put a second time.

Code that computes a step in float32 answers nothing exactly. So if no mistake can be named, the same is tried once more
with the bounds of float32.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from grader.course import Course
from grader.course.mistakes import VALUE
from grader.diagnosis.answers import Answers, agree, differing, without_constants
from grader.diagnosis.cases import NO_ANSWER, Case, KnownMistake, ask, ask_again, ask_often, case_of, load
from grader.diagnosis.leaves import ExceptionLeaf, Leaf, MissingLeaf, SumsLeaf
from grader.diagnosis.measure import Measures
from grader.diagnosis.variants import Variants
from grader.port.port import SEED, Exchange
from grader.port.transport import Transport

SECONDS = 10.0
BUDGET = 60.0
"""Seconds for one call of a learner's code, and for all calls of a diagnosis together; usually a second is enough."""
MAX_PAIRS = 300
"""The most pairs of mistakes that are tried."""
MAX_ANSWERS = 2000
"""The most answers of pairs that are kept for other learners' modules."""

Putting = Callable[[Transport, Case, float, int], Answers | None]
"""A way to put a case to modules, as `ask` and `ask_again` do: with the seconds it may take, and a seed."""


@dataclass
class Budget:
    """The seconds that are left for naming the mistakes of a learner's code."""

    left: float = BUDGET


@dataclass(frozen=True)
class Diagnosis:
    """The mistakes that explain a failure: one, or two that were made together."""

    misconceptions: tuple[KnownMistake, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(mistake.name for mistake in self.misconceptions)


class Diagnoser:
    """Names the mistakes in one exercise, for one learner after another."""

    def __init__(self, course: Course, exercise: str) -> None:
        books = [load(course.cases(visibility) / f"{exercise}.json") for visibility in ("visible", "hidden")]
        self.mistakes = {mistake.key: mistake for book in books for mistake in book.misconceptions}
        self.cases = [case for book in books for case in book.cases]
        self.variants = Variants(course, exercise)
        self._pairs: dict[tuple[str, str, int], Answers] = {}

    def examine(self, transport: Transport, seconds: float = BUDGET) -> Findings:
        """Ask a learner's modules the recorded cases, up to the first without an answer, and return the findings.

        Random cases cost as much as all the others, so they come last. They are skipped if known mistakes explain all
        other answers, and answer the random cases correctly.
        """
        budget = Budget(seconds)
        random = [position for position, case in enumerate(self.cases) if case.random]
        plain = [position for position, case in enumerate(self.cases) if not case.random]
        findings = self._asked(transport, budget, plain, Findings())
        fitting = self._fitting(findings)
        if (
            not findings.wrong
            or not fitting
            or any(self.cases[position].by[name] != 0 for name in fitting for position in random)
        ):
            findings = self._asked(transport, budget, random, findings)
        return self._with_candidates(findings, budget.left > 0)

    def roughly(self, findings: Findings) -> Findings:
        """Compare the learner's answers once more, as if they had been computed in float32."""
        fits = {position: self._fits(position, answer, True) for position, answer in findings.answers.items()}
        return self._with_candidates(_findings(findings.answers, fits), findings.complete)

    def _fits(self, position: int, answer: Answers, roughly: bool = False) -> frozenset[int]:
        """List the recorded answers to a case that agree with the learner's."""
        case = self.cases[position]
        recorded = enumerate(case.answers)
        return frozenset(number for number, other in recorded if _agree(case, answer, other, roughly))

    def _with_candidates(self, findings: Findings, complete: bool) -> Findings:
        return dataclasses.replace(
            findings,
            singles=tuple(
                name
                for name in self._fitting(findings)
                if any(_tells(self.cases[position], name) for position in findings.wrong)
            ),
            possible=tuple(
                name
                for name in self.mistakes
                if all(_shows(self.cases[position], name, position in findings.wrong) for position in findings.fits)
            ),
            complete=complete,
        )

    def _asked(self, transport: Transport, budget: Budget, positions: Sequence[int], before: Findings) -> Findings:
        """Ask the learner's modules more cases, and add their answers to the findings."""
        answers, fits = dict(before.answers), dict(before.fits)
        for position in positions:
            case = self.cases[position]
            answer = _within(budget, ask_often, transport, case)
            if answer is None:
                break
            answer = without_constants(answer, case.answers[0])
            answers[position] = answer
            fits[position] = self._fits(position, answer)
        return _findings(answers, fits)

    def _fitting(self, findings: Findings) -> list[str]:
        """List the mistakes that contradict none of the learner's answers."""
        fits = findings.fits
        return [
            name
            for name in self.mistakes
            if all(_holds(self.cases[position], name, fits[position]) for position in fits)
        ]

    def close(self) -> None:
        """Close the modules that were opened."""
        self.variants.close()

    def asked_pair(self, pair: tuple[str, str], position: int) -> Answers | None:
        """Return what two mistakes together answer to a case; None if they don't answer."""
        key = (*pair, position)
        if key not in self._pairs:
            answer = ask_often(self.variants.open(*pair), self.cases[position], SECONDS)
            if answer is None:
                return None
            if len(self._pairs) == MAX_ANSWERS:
                self._pairs.clear()
            self._pairs[key] = without_constants(answer, self.cases[position].answers[0])
        return self._pairs[key]


@dataclass(frozen=True)
class Findings:
    """A learner's answers to the recorded cases, and what follows from them.

    Cases and recorded answers are given by their positions.

    Attributes:
        answers: the learner's answer to each case.
        fits: for each case that was answered, the recorded answers that agree with the learner's.
        wrong: the cases in which the right answer is not among these.
        singles: the mistakes that contradict none of the learner's answers, and differ from a right answer in at least
            one wrong case.
        possible: the mistakes that differ from a right answer only in wrong cases.
        complete: whether all questions were answered in time.
    """

    answers: Mapping[int, Answers] = field(default_factory=dict)
    fits: Mapping[int, frozenset[int]] = field(default_factory=dict)
    wrong: tuple[int, ...] = ()
    singles: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    complete: bool = True


class Candidates:
    """The mistakes that may explain findings about one learner's modules, each kind worked out once.

    Args:
        diagnoser: knows the cases.
        findings: the modules' answers to the cases.
        exactly: to compare answers as if the learner's code computed in float32, the numbers from comparing exactly.
    """

    def __init__(self, diagnoser: Diagnoser, findings: Findings, exactly: Measures | None = None) -> None:
        self.findings = findings
        self.roughly = exactly is not None
        self._diagnoser, self._exactly = diagnoser, exactly

    @functools.cached_property
    def measures(self) -> Measures:
        """The numbers in mistakes."""
        diagnoser, findings = self._diagnoser, self.findings
        cases, answers, fits = diagnoser.cases, findings.answers, findings.fits
        return Measures(diagnoser.variants, cases, answers, fits, self.roughly, self._exactly)

    @functools.cached_property
    def once_more(self) -> Candidates:
        """The same with the bounds of float32."""
        return Candidates(self._diagnoser, self._diagnoser.roughly(self.findings), exactly=self.measures)

    @functools.cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """List the pairs of mistakes that answer every case as the learner does."""
        return [pair for pair in self._candidate_pairs() if self._pair_holds(pair)]

    def _candidate_pairs(self) -> list[tuple[str, str]]:
        variants = self._diagnoser.variants
        names = [name for name in self.findings.possible if name in variants.misconceptions]
        cases, wrong = self._diagnoser.cases, self.findings.wrong
        shown = {name: {position for position in wrong if _tells(cases[position], name)} for name in names}
        pairs = [
            (first, second)
            for first, second in itertools.combinations(names, 2)
            if shown[first] | shown[second] >= set(wrong) and not shown[first] == shown[second] == set()
        ]
        return list(itertools.islice((pair for pair in pairs if variants.combines(*pair)), MAX_PAIRS))

    def _pair_holds(self, pair: tuple[str, str]) -> bool:
        # Wrong cases come first, because they rule out most pairs.
        for position in sorted(self.findings.fits, key=lambda position: position not in self.findings.wrong):
            answer = self._diagnoser.asked_pair(pair, position)
            got = self.findings.answers[position]
            if answer is None or not _agree(self._diagnoser.cases[position], got, answer, self.roughly):
                return False
        return True


class Examination:
    """Names the mistakes in one learner's modules, based on findings about them.

    Args:
        diagnoser: knows the cases.
        candidates: what may explain the modules' answers to the cases.
        transport: takes further questions to modules that answer in the same way.
        budget: the seconds left for further questions; the examination uses them up.
    """

    def __init__(self, diagnoser: Diagnoser, candidates: Candidates, transport: Transport, budget: Budget) -> None:
        self.transport = transport
        self.budget = budget
        self._diagnoser = diagnoser
        self._candidates = candidates
        self._findings, self._roughly = candidates.findings, candidates.roughly

    @property
    def findings(self) -> Findings:
        """The modules' answers to the cases, and what follows from them."""
        return self._findings

    def over(self, transport: Transport) -> Examination:
        """Return the same examination over another transport; both share a budget."""
        return Examination(self._diagnoser, self._candidates, transport, self.budget)

    def diagnose(self, check: str, exchanges: Sequence[Exchange]) -> Diagnosis | None:
        """Name the mistakes that explain why a check failed; None if no known mistake does.

        Args:
            check: the check's id.
            exchanges: the questions and replies of the smallest failing case.
        """
        case = case_of(check, exchanges)
        got = _within(self.budget, ask, self.transport, case)
        if got is None:
            return None
        return (
            self._named(check, case, got)
            or self._once_more()._named(check, case, got)
            or self._shown_by_earlier_calls(check, case, got)
        )

    def is_right_in(self, check: str) -> bool:
        """Say whether the modules answer all recorded cases of a check correctly, as far as they were asked."""
        asked = [position for position in self._findings.fits if self._diagnoser.cases[position].check == check]
        return bool(asked) and not set(asked) & set(self._findings.wrong)

    def _once_more(self) -> Examination:
        """Return the same examination with the bounds of float32."""
        return Examination(self._diagnoser, self._candidates.once_more, self.transport, self.budget)

    def _named(self, check: str, case: Case, got: Answers) -> Diagnosis | None:
        explained = [(name,) for name in self._findings.singles if self._differs(name, check)]
        confirmed = self._confirmed(case, got, explained)
        if not confirmed and not self._findings.singles:
            confirmed = self._confirmed(case, got, [(key,) for key in self._candidates.measures.fitting()])
        if not confirmed and not self._findings.singles:
            pairs = [pair for pair in self._candidates.pairs if any(self._differs(name, check) for name in pair)]
            confirmed = self._confirmed(case, got, pairs)
        if not confirmed:
            partial = [name for name in self._findings.possible if self._explains(name, check)]
            confirmed = self._confirmed(case, got, [(name,) for name in partial])
        return self._decided(check, confirmed)

    def _shown_by_earlier_calls(self, check: str, case: Case, got: Answers) -> Diagnosis | None:
        """Name a mistake that keeps something from earlier calls, if the case is right unless something came before."""
        singles = [(name,) for name in self._findings.singles]
        if not self._diagnoser.variants.misconceptions or not singles or not self._is_right(case, got):
            return None
        again = _within(self.budget, ask_again, self.transport, case)
        return None if again is None else self._decided(check, self._confirmed(case, again, singles, ask_again))

    def _decided(self, check: str, confirmed: Sequence[tuple[str, ...]]) -> Diagnosis | None:
        """Choose among mistakes that explain a failure equally well; None if nothing decides."""
        of_this_check = [keys for keys in confirmed if any(self._mistake(key).check == check for key in keys)]
        best = of_this_check or confirmed
        if len({tuple(self._mistake(key).name for key in keys) for keys in best}) != 1:
            return None
        mistakes = tuple(self._mistake(key) for key in best[0])
        return Diagnosis(self._with_number(best[0][0], mistakes) if len(best) == len(mistakes) == 1 else mistakes)

    def _mistake(self, key: str) -> KnownMistake:
        """Return the sentences of a mistake, whatever its value."""
        return self._diagnoser.mistakes.get(key) or self._diagnoser.mistakes[key.partition("=")[0]]

    def _with_number(self, key: str, mistakes: tuple[KnownMistake, ...]) -> tuple[KnownMistake, ...]:
        """Let a mistake say its number, if it has a sentence for that and very different numbers are ruled out."""
        variants = self._diagnoser.variants
        if not variants.misconceptions:
            return mistakes
        mistake = variants.mistake(key)
        if not mistake.measured or not self._candidates.measures.states(key):
            return mistakes
        return (dataclasses.replace(mistakes[0], did=mistake.measured.replace(VALUE, _shown(mistake.value))),)

    def _differs(self, name: str, check: str) -> bool:
        """Say whether a mistake differs from a right answer in a case of a check.

        With the catalog, a random difference is enough. Without it, the smallest failing case can't be asked, and the
        difference must be certain.
        """
        cases = self._diagnoser.cases
        enough = (0,) if self._diagnoser.variants.misconceptions else (0, None, NO_ANSWER)
        return any(case.by[name] not in enough for case in cases if case.check == check)

    def _explains(self, name: str, check: str) -> bool:
        """Say whether a mistake answers all cases of a check, and all cases in which it shows, as the learner does.

        If both only raise exceptions or give zeros, that says little, so at least one case must have another answer.
        """
        cases, fits = self._diagnoser.cases, self._findings.fits
        shown = {position for position in fits if _tells(cases[position], name)}
        of_check = {position for position in fits if cases[position].check == check}
        answered = [position for position in of_check & shown if not _says_little(cases[position], name)]
        return bool(answered) and all(_holds(cases[position], name, fits[position]) for position in of_check | shown)

    def _is_right(self, case: Case, got: Answers) -> bool:
        right = ask(self._diagnoser.variants.open(), case, SECONDS)
        free, loose = self._left_open(case.check)
        return right is not None and agree(without_constants(got, right), right, loose, free, roughly=self._roughly)

    def _left_open(self, check: str) -> tuple[frozenset[str], frozenset[str]]:
        """List what the recorded cases of a check leave free, and what they compare loosely."""
        recorded = [known for known in self._diagnoser.cases if known.check == check]
        free = frozenset(itertools.chain.from_iterable(known.free for known in recorded))
        return free, frozenset(itertools.chain.from_iterable(known.loose for known in recorded))

    def _confirmed(
        self, case: Case, got: Answers, candidates: Sequence[tuple[str, ...]], put: Putting = ask
    ) -> list[tuple[str, ...]]:
        """Keep the mistakes that answer the failing case as the learner did, and differ from a right answer to it."""
        variants = self._diagnoser.variants
        if not variants.misconceptions or not candidates:
            return list(candidates)
        right, right_again = (put(variants.open(), case, SECONDS, seed) for seed in (SEED, SEED + 1))
        if right is None or right_again is None:
            return []
        free, loose = self._left_open(case.check)
        loose |= differing(right, right_again)
        got = without_constants(got, right)
        kept = []
        for names in candidates:
            answer, again = (put(variants.open(*names), case, SECONDS, seed) for seed in (SEED, SEED + 1))
            if answer is None or again is None:
                continue
            answer, again = without_constants(answer, right), without_constants(again, right)
            if agree(right, answer, frozenset(), free, roughly=self._roughly):
                continue
            # Different programs may draw different random numbers.
            if agree(got, answer, loose | differing(answer, again), free, roughly=self._roughly):
                kept.append(names)
        return kept


def _within(
    budget: Budget, put: Callable[[Transport, Case, float], Answers | None], transport: Transport, case: Case
) -> Answers | None:
    """Ask a learner's modules a case; None once they have failed to answer, or have used up the budget."""
    if budget.left <= 0:
        return None
    start = time.monotonic()
    answer = put(transport, case, min(SECONDS, budget.left))
    budget.left = budget.left - (time.monotonic() - start) if answer is not None else 0.0
    return answer


def _holds(case: Case, name: str, fits: frozenset[int]) -> bool:
    """Say whether a mistake's answer to a case is consistent with the learner's."""
    number = case.by[name]
    return number is None or number in fits


def _shows(case: Case, name: str, wrong: bool) -> bool:
    """Say whether the learner's answer to a case is wrong if the mistake's answer is."""
    return case.by[name] in (0, None) or wrong


def _tells(case: Case, name: str) -> bool:
    """Say whether a mistake has its own answer to a case, neither right nor random."""
    return case.by[name] not in (0, None, NO_ANSWER)


def _says_little(case: Case, name: str) -> bool:
    """Say whether a mistake's answer to a case differs from a right one only by exceptions and zeros."""
    number = case.by[name]
    assert number is not None
    right, answer = case.answers[0], case.answers[number]
    paths = differing(answer, right) - case.free
    return all(path not in answer or _is_exception_or_zero(answer[path]) for path in paths)


def _is_exception_or_zero(leaf: Leaf) -> bool:
    match leaf:
        case ExceptionLeaf() | MissingLeaf():
            return True
        case torch.Tensor():
            return not leaf.any()
        case float():
            return leaf == 0
        case SumsLeaf():
            return leaf.largest == 0 and not any(leaf.not_finite)
    return False


def _agree(case: Case, got: Answers, other: Answers, roughly: bool) -> bool:
    return agree(got, other, case.loose, case.free, roughly=roughly)


def _findings(answers: Mapping[int, Answers], fits: Mapping[int, frozenset[int]]) -> Findings:
    return Findings(answers, fits, tuple(position for position in fits if 0 not in fits[position]))


def _shown(value: str) -> str:
    """Write a number as people do: 1e-8, not 1e-08."""
    return re.sub(r"e([+-])0+", r"e\1", f"{float(value):g}")
