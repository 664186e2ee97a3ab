"""Grammars that know how probable each of their texts is: exact entropies, not estimates.

A rule is a choice between alternatives, and an alternative is a sequence of words and of these:

    <rule>           what the rule chooses
    <slot=rule>      the same, and remembered under a name
    <rule:slot>      what the rule `rule/value` chooses, for the value that the slot holds
    {slot}           what the slot holds, once more
    {slot.form}      another form of it, as `she` where the slot holds a girl's name

At every choice the first word tells which alternative was taken (`Grammar` refuses other rules), so that a text has
exactly one derivation. The probability of the text is then that of its choices, and so the entropy of the texts is
the expected sum of the choices' entropies. No rule leads back to itself, so that every such sum is finite.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

Slots = dict[str, str]
Held = tuple[tuple[str, str], ...]
"""The contents of the slots that later choices depend on."""
_PART = re.compile(
    r"<(?:(?P<bind>\w+)=)?(?P<rule>\w+)(?::(?P<by>\w+))?>|\{(?P<slot>\w+)(?:\.(?P<form>\w+))?\}|(?P<word>.+)"
)
_TOKEN = re.compile(r"\w+|[^\w\s]")


class GrammarError(ValueError):
    """A grammar breaks a rule of this module."""


class NotDerived(ValueError):
    """The grammar can't generate this text."""


@dataclass(frozen=True)
class Part:
    """One part of an alternative: a word, a choice by a rule, or the content of a slot."""

    word: str = ""
    rule: str = ""
    bind: str = ""
    by: str = ""
    slot: str = ""
    form: str = ""


@dataclass(frozen=True)
class Alternative:
    """One way to continue, and its probability."""

    probability: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Story:
    """A text, and the logarithm of its probability."""

    text: str
    log_probability: float


class Grammar:
    """A probabilistic grammar, checked.

    Args:
        rules: for each rule its alternatives, equally probable, or with weights.
        forms: for a value that a slot can hold, its other forms by name.
        start: the rule with which every text begins.

    Raises:
        GrammarError: a rule is missing, leads back to itself, or has alternatives that begin alike.
    """

    def __init__(
        self,
        rules: Mapping[str, Sequence[str] | Mapping[str, float]],
        forms: Mapping[str, Mapping[str, str]] | None = None,
        start: str = "story",
    ) -> None:
        self.forms = forms or {}
        self.start = Part(rule=start)
        self.rules = {name: _alternatives(name, given) for name, given in rules.items()}
        parts = [
            part for alternatives in self.rules.values() for alternative in alternatives for part in alternative.parts
        ]
        self._deciding = {part.by for part in parts if part.by}
        self._held: dict[str, list[str]] = {}
        for part in parts:
            if part.bind:
                self._held.setdefault(part.bind, []).extend(self._values(part.rule))
        self._check_no_ring()
        self._check_first_words()
        self._expected = cache(self._expect_rule)

    def sample(self, draw: random.Random) -> Story:
        """Generate a text, with its probability."""
        words: list[str] = []
        logarithm = self._tell(self.start, {}, draw, words)
        return Story(join(words), logarithm)

    def log_probability(self, text: str) -> float:
        """Return the logarithm of a text's probability, using only the text.

        Raises:
            NotDerived: the grammar never tells this text.
        """
        words = _TOKEN.findall(text)
        if join(words) != text:
            raise NotDerived("the spaces are not where they belong")
        logarithm, end = self._read(self.start, {}, words, 0)
        if end != len(words):
            raise NotDerived(f"`{words[end]}` comes after the end")
        return logarithm

    def derives(self, text: str) -> bool:
        """Say whether the grammar can generate a text."""
        try:
            self.log_probability(text)
        except NotDerived:
            return False
        return True

    def entropy(self) -> float:
        """Return the entropy of a text, in nats."""
        return sum(nats for _, nats in self._expect(self.start, ()).values())

    def derivations(self, part: Part | None = None, slots: Slots | None = None) -> Iterator[tuple[str, float]]:
        """List all texts with their probabilities; only for small grammars."""
        for words, probability, _ in self._all(part or self.start, slots or {}):
            yield join(words), probability

    def _tell(self, part: Part, slots: Slots, draw: random.Random, words: list[str]) -> float:
        if not part.rule:
            words.extend(self._spoken(part, slots))
            return 0.0
        begin = len(words)
        rule = self.rules[_name(part, slots)]
        (chosen,) = draw.choices(rule, [alternative.probability for alternative in rule])
        logarithm = math.log(chosen.probability)
        for inner in chosen.parts:
            logarithm += self._tell(inner, slots, draw, words)
        if part.bind:
            slots[part.bind] = join(words[begin:])
        return logarithm

    def _read(self, part: Part, slots: Slots, words: Sequence[str], position: int) -> tuple[float, int]:
        if not part.rule:
            expected = self._spoken(part, slots)
            if list(words[position : position + len(expected)]) != expected:
                actual = " ".join(words[position : position + len(expected)])
                raise NotDerived(f"got `{actual}`, expected `{' '.join(expected)}`")
            return 0.0, position + len(expected)
        if position == len(words):
            raise NotDerived("it ends too early")
        begin = position
        rule = self.rules[_name(part, slots)]
        chosen = [
            alternative for alternative in rule if words[position] in self._first_words(alternative.parts[0], slots)
        ]
        if not chosen:
            raise NotDerived(f"nothing continues with `{words[position]}` here")
        logarithm = math.log(chosen[0].probability)
        for inner in chosen[0].parts:
            more, position = self._read(inner, slots, words, position)
            logarithm += more
        if part.bind:
            slots[part.bind] = join(words[begin:position])
        return logarithm, position

    def _all(self, part: Part, slots: Slots) -> Iterator[tuple[list[str], float, Slots]]:
        if not part.rule:
            yield self._spoken(part, slots), 1.0, slots
            return
        for alternative in self.rules[_name(part, slots)]:
            derivations: list[tuple[list[str], float, Slots]] = [([], alternative.probability, slots)]
            for inner in alternative.parts:
                derivations = [
                    (words + more, probability * factor, after)
                    for words, probability, before in derivations
                    for more, factor, after in self._all(inner, before)
                ]
            for words, probability, after in derivations:
                yield words, probability, after | ({part.bind: join(words)} if part.bind else {})

    def _expect(self, part: Part, held: Held) -> dict[Held, tuple[float, float]]:
        """Say what the deciding slots can hold after a part: how probably, and with how many nats times that."""
        if not part.rule:
            return {held: (1.0, 0.0)}
        return self._expected(_name(part, dict(held)), part.bind if part.bind in self._deciding else "", held)

    def _expect_rule(self, rule: str, bind: str, held: Held) -> dict[Held, tuple[float, float]]:
        total: dict[Held, tuple[float, float]] = {}
        for alternative in self.rules[rule]:
            ways = {held: (alternative.probability, -alternative.probability * math.log(alternative.probability))}
            for part in alternative.parts:
                after: dict[Held, tuple[float, float]] = {}
                for before, (probability, nats) in ways.items():
                    for then, (factor, more) in self._expect(part, before).items():
                        _add(after, then, probability * factor, nats * factor + probability * more)
                ways = after
            for then, (probability, nats) in ways.items():
                new = _with(then, bind, join([part.word for part in alternative.parts])) if bind else then
                _add(total, new, probability, nats)
        return total

    def _spoken(self, part: Part, slots: Slots) -> list[str]:
        if part.word:
            return [part.word]
        value = slots[part.slot]
        return (self.forms[value][part.form] if part.form else value).split(" ")

    def _values(self, rule: str) -> list[str]:
        """List the values that a rule can give to a slot, which are plain words."""
        names = [name for name in self.rules if name == rule or name.startswith(f"{rule}/")]
        texts = []
        for name in names:
            for alternative in self.rules[name]:
                if not all(part.word for part in alternative.parts):
                    raise GrammarError(f"a slot contains what `{name}` chooses, so its alternatives are plain words")
                texts.append(join([part.word for part in alternative.parts]))
        return texts

    def _first_words(self, part: Part, slots: Slots | None) -> set[str]:
        """List the words with which a part can begin, for these slots, or for any slots if None."""
        if part.word:
            return {part.word}
        if part.slot:
            holds = self._held[part.slot] if slots is None else [slots[part.slot]]
            return {self._spoken(part, {part.slot: value})[0] for value in holds}
        if part.by and slots is None:
            names = [f"{part.rule}/{value}" for value in self._held[part.by]]
        else:
            names = [_name(part, slots or {})]
        return {
            word
            for name in names
            for alternative in self.rules[name]
            for word in self._first_words(alternative.parts[0], slots)
        }

    def _check_no_ring(self) -> None:
        above: list[str] = []

        def visit(name: str) -> None:
            if name in above:
                raise GrammarError(f"`{name}` leads back to itself")
            if name not in self.rules:
                raise GrammarError(f"there is no rule `{name}`")
            above.append(name)
            for part in (part for alternative in self.rules[name] for part in alternative.parts if part.rule):
                for value in self._held.get(part.by, []) if part.by else [""]:
                    visit(f"{part.rule}/{value}" if part.by else part.rule)
            above.pop()

        visit(self.start.rule)

    def _check_first_words(self) -> None:
        for name, alternatives in self.rules.items():
            before: set[str] = set()
            for alternative in alternatives:
                first = self._first_words(alternative.parts[0], None)
                if first & before:
                    raise GrammarError(f"two alternatives of `{name}` begin with `{min(first & before)}`")
                before |= first


def join(words: Sequence[str]) -> str:
    """Join words into a text: with spaces, except before a punctuation mark."""
    return "".join(word if not position or not word[0].isalnum() else f" {word}" for position, word in enumerate(words))


def _alternatives(name: str, given: Sequence[str] | Mapping[str, float]) -> tuple[Alternative, ...]:
    weights = given if isinstance(given, Mapping) else dict.fromkeys(given, 1.0)
    if not weights or min(weights.values()) <= 0 or any(not text.split() for text in weights):
        raise GrammarError(f"`{name}` needs alternatives, each with a word and a weight above 0")
    total = math.fsum(weights.values())
    alternatives = []
    for text, weight in weights.items():
        matches = [_PART.fullmatch(piece) for piece in text.split()]
        parts = [Part(**{key: value or "" for key, value in match.groupdict().items()}) for match in matches if match]
        alternatives.append(Alternative(weight / total, tuple(parts)))
    return tuple(alternatives)


def _name(part: Part, slots: Slots) -> str:
    return f"{part.rule}/{slots[part.by]}" if part.by else part.rule


def _with(held: Held, slot: str, value: str) -> Held:
    return tuple(sorted((dict(held) | {slot: value}).items()))


def _add(table: dict[Held, tuple[float, float]], key: Held, probability: float, nats: float) -> None:
    before = table.get(key, (0.0, 0.0))
    table[key] = (before[0] + probability, before[1] + nats)
