"""The learner's table of probabilities and its losses, next to what they should be."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import torch
from torch import Tensor

from grader.checks import Port
from grader.pictures import Bars, HeatMap, Picture, table
from tests.visible.bigrams import baselines_of, counts_of, ids_of, loss_of, probabilities_of

TRAIN = "she sells shells he sells"
VALIDATION = "he sells sea shells"
ALPHABET = sorted(set(TRAIN + VALIDATION))
SIZE = len(ALPHABET)
SMOOTHING = 0.1
TOLERANCE = 1e-6
ABOUT_TABLE = (
    f"Letters of {TRAIN!r}: each row is the letter before (␣ is a space), each column the one after it; numbers are "
    f"percentages, smoothed with {SMOOTHING:g}. There is no a in it, so a's row knows nothing."
)
ABOUT_LOSSES = (
    f"Nats a letter on {VALIDATION!r}, a text that was not counted. The last bar is the bigram on the counted text."
)
LABELS = ("uniform", "unigram", "bigram", "bigram, train")


def pictures(learner: Port) -> list[Picture]:
    """Draw the table of a small text, and what the models cost."""
    train, val = (ids_of(*map(ALPHABET.index, text)) for text in (TRAIN, VALIDATION))
    counts = counts_of(learner, train, SIZE)
    probabilities = probabilities_of(learner, counts, smoothing=SMOOTHING)
    expected = _shares(_counts(TRAIN))
    panels = (_heat_map("yours", probabilities, expected), _heat_map("expected", expected, expected))
    wrong = _about_counts(counts) + _about_probabilities(counts, probabilities)
    got = (*baselines_of(learner, train, val, SIZE, smoothing=SMOOTHING), loss_of(learner, train, probabilities))
    return [Picture("What comes next", panels, wrong, ABOUT_TABLE), _losses(got)]


def _counts(text: str) -> Tensor:
    pairs = Counter(pairwise(text))
    return torch.tensor([[pairs[a, b] for b in ALPHABET] for a in ALPHABET])


def _shares(counts: Tensor) -> Tensor:
    smoothed = counts.double() + SMOOTHING
    return smoothed / smoothed.sum(dim=1, keepdim=True)


def _heat_map(title: str, got: Tensor, expected: Tensor) -> HeatMap:
    wrong = ~torch.isclose(got, expected, rtol=0, atol=TOLERANCE)
    marked = frozenset((row, column) for row, column in wrong.nonzero().tolist())
    labels = tuple(letter.replace(" ", "␣") for letter in ALPHABET)
    return HeatMap(title, table(got.tolist()), labels, labels, marked)


def _about_counts(got: Tensor) -> tuple[str, ...]:
    expected = _counts(TRAIN)
    if bool((got == expected).all()):
        return ()
    if bool((got == expected.T).all()):
        return ("your rows and columns are swapped: the row is the letter before.",)
    row, column = (got != expected).nonzero()[0].tolist()
    pair = f"{ALPHABET[row]}{ALPHABET[column]}"
    sentence = f"your count of {pair!r}: got {got[row, column]:g}, expected {expected[row, column]}"
    return (f"{sentence}; you have {got.sum():g} pairs in all, and the text has {expected.sum()}.",)


def _about_probabilities(counts: Tensor, got: Tensor) -> tuple[str, ...]:
    """Say what is wrong in the probabilities of these counts, be the counts right or wrong."""
    expected = _shares(counts)
    off = (~torch.isclose(got, expected, rtol=0, atol=TOLERANCE)).nonzero().tolist()
    if not off:
        return ()
    sums = got.sum(dim=1)
    row = int((sums - 1).abs().argmax())
    if not abs(float(sums[row]) - 1) <= TOLERANCE:
        columns = bool(torch.isclose(got.sum(dim=0), torch.ones_like(sums), rtol=0, atol=TOLERANCE).all())
        hint = "; but your columns do: divide each row by its own total" if columns else ""
        return (f"row {row} ({ALPHABET[row]!r}) sums to {sums[row]:.2f}, not to 1{hint}.",)
    row, column = off[0]
    return (
        f"row {row} ({ALPHABET[row]!r}) gives {ALPHABET[column]!r} a wrong probability: got {got[row, column]:.3f}, "
        f"expected {expected[row, column]:.3f}.",
    )


def _losses(got: tuple[float, ...]) -> Picture:
    shares = _shares(_counts(TRAIN))
    letters = Counter(TRAIN)
    unigram = [(letters[b] + SMOOTHING) / (len(TRAIN) + SMOOTHING * SIZE) for b in VALIDATION[1:]]
    expected = (
        math.log(SIZE),
        _cost(unigram),
        _cost(_probabilities(shares, VALIDATION)),
        _cost(_probabilities(shares, TRAIN)),
    )
    names = ("uniform loss", "unigram loss", "bigram loss", "bigram loss on the counted text")
    losses = zip(names, got, expected, strict=True)
    wrong = tuple(_about_loss(*loss) for loss in losses if not abs(loss[1] - loss[2]) <= TOLERANCE)
    panels = (Bars("yours", LABELS, got), Bars("expected", LABELS, expected))
    return Picture("The loss for each letter", panels, wrong, ABOUT_LOSSES)


def _probabilities(shares: Tensor, text: str) -> list[float]:
    return [float(shares[ALPHABET.index(a), ALPHABET.index(b)]) for a, b in pairwise(text)]


def _cost(probabilities: list[float]) -> float:
    return -sum(map(math.log, probabilities)) / len(probabilities)


def _about_loss(name: str, got: float, expected: float) -> str:
    bits = abs(got * math.log(2) - expected) <= TOLERANCE
    return f"your {name}: got {got:.4f}, expected {expected:.4f}{'; that is bits, not nats' if bits else ''}."
