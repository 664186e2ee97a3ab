"""A task with two classes that no bag of words can win: which of two animals comes first in a text.

Two texts with exactly the same words make a pair and belong to different classes: the animals have changed places. So
whoever counts words is right about exactly half of them, whatever the counts are used for.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from capstone.stories import BOYS, GIRLS, RULES, STORIES

ANIMALS = ("goose", "fox")
CLASSES = ("the goose comes first", "the fox comes first")
"""What is true of a text, by its class."""
MEETINGS = (
    "On the way home {she} met a {mood} {animal}.",
    "Soon a {mood} {animal} came along.",
    "Then a voice called {her}: it was a {mood} {animal}.",
)
"""Each can be the first or the second, and something else comes after either: no neighboring words tell the order."""
BETWEEN = (
    "Meanwhile it began to rain.",
    "Meanwhile it began to snow.",
    "Meanwhile the sun came out.",
    "Nobody saw them.",
    "Nobody knew of it.",
)
_WORD = re.compile(r"\w+")
_FIT_STEPS = 300


@dataclass(frozen=True)
class Example:
    """A text, and its class."""

    text: str
    label: int


def tell_pairs(draw: random.Random, count: int, known: Collection[str] = ()) -> list[Example]:
    """Make texts in pairs with the same words and different classes.

    Args:
        draw: the source of randomness.
        count: the number of pairs.
        known: texts that must not occur again.
    """
    examples: list[Example] = []
    seen = set(known)
    while len(examples) < 2 * count:
        name, place, kin = (draw.choice(names) for names in (GIRLS + BOYS, list(RULES["place"]), list(RULES["kin"])))
        meetings = draw.sample(MEETINGS, 2)
        moods, between = draw.choices(list(RULES["mood"]), k=2), draw.choices(BETWEEN, k=2)
        pair = []
        for label in (1, 0):
            animals = ANIMALS[label], ANIMALS[1 - label]
            met = [
                f"{meeting.format(mood=mood, animal=animal, **STORIES.forms[name])} {after}"
                for meeting, mood, animal, after in zip(meetings, moods, animals, between, strict=True)
            ]
            pair.append(Example(f"Once {name} lived {place} with {kin}. {' '.join(met)}", label))
        if pair[0].text not in seen:
            examples += pair
            seen |= {example.text for example in pair}
    return examples


def words_of(text: str) -> list[str]:
    """List the words of a text."""
    return _WORD.findall(text)


def neighbors_of(text: str) -> list[str]:
    """List the pairs of neighboring words of a text, and its words."""
    words = words_of(text)
    return words + [f"{left} {right}" for left, right in itertools.pairwise(words)]


def bag_accuracy(
    train: Sequence[Example], kept: Sequence[Example], features: Callable[[str], list[str]] = words_of
) -> float:
    """Fit a logistic regression to counts of words, and return its share of right answers on other texts."""
    index: dict[str, int] = {}
    for example in train:
        for feature in features(example.text):
            index.setdefault(feature, len(index))

    def counted(examples: Sequence[Example]) -> torch.Tensor:
        counts = torch.zeros(len(examples), len(index), dtype=torch.float64)
        for row, example in enumerate(examples):
            for feature in features(example.text):
                if feature in index:
                    counts[row, index[feature]] += 1
        return counts

    x, y = counted(train), torch.tensor([float(example.label) for example in train], dtype=torch.float64)
    weights = torch.zeros(len(index) + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=0.05)
    for _ in range(_FIT_STEPS):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(x @ weights[1:] + weights[0], y).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        # Texts with equal counts get the same answer, to the last bit.
        answers = (counted(kept) @ weights[1:] + weights[0]).round(decimals=9) > 0
    labels = torch.tensor([example.label for example in kept])
    return (answers == labels).double().mean().item()
