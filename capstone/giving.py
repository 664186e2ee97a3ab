"""A task with two classes that no bag of words can win: does the first child give something, or get it.

Two texts with exactly the same words make a pair, and belong to different classes: only the children's names have
changed places. So whoever counts words, however cleverly, is right about exactly half of them.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from capstone.stories import BOYS, GIRLS, RULES

CLASSES = ("gets", "gives")
"""What the child named first does, by class."""
NEW = ("Tilda", "Suri", "Jonas", "Ravi")
"""These children occur in the stories of the pretraining, but not in the texts of the fine-tuning."""
_MIDDLE = ("", "", "Meanwhile it began to rain. ", "Meanwhile the sun came out. ", "Nobody saw them. ")
_WORD = re.compile(r"\w+")
_FIT_STEPS = 300


@dataclass(frozen=True)
class Example:
    """A text, and its class."""

    text: str
    label: int


def tell_pairs(draw: random.Random, count: int, names: Collection[str], known: Collection[str] = ()) -> list[Example]:
    """Make texts in pairs with the same words and different classes.

    Args:
        draw: the source of randomness.
        count: the number of pairs.
        names: the children; one girl and one boy are in each text.
        known: texts that must not occur again.
    """
    girls, boys = ([name for name in side if name in names] for side in (GIRLS, BOYS))
    examples: list[Example] = []
    seen = set(known)
    while len(examples) < 2 * count:
        girl, boy = draw.choice(girls), draw.choice(boys)
        place, kin, food = (draw.choice(list(RULES[rule])) for rule in ("place", "kin", "food"))
        middle, when = draw.choice(_MIDDLE), draw.choice(("Later", "Again"))
        giver_is_girl = draw.random() < 0.5
        gift = f"{when} {'she gave him' if giver_is_girl else 'he gave her'} some {food}."
        pair = [
            Example(
                f"Once {first} lived {place} with {kin}. Soon {second} came along. {middle}{gift}",
                int((first == girl) == giver_is_girl),
            )
            for first, second in ((girl, boy), (boy, girl))
        ]
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
