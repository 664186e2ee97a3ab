"""The learner's table of probabilities and its losses, beside what is due."""

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
    f"percent, smoothed with {SMOOTHING:g}. No a stands there: its row knows nothing."
)
ABOUT_LOSSES = (
    f"Nats a letter on {VALIDATION!r}, which was not counted; the last bar is the bigram on the text that was counted."
)
LABELS = ("uniform", "unigram", "bigram", "bigram, train")


def pictures(learner: Port) -> list[Picture]:
    """Draw the table of a small text, and what the models cost."""
    train, val = (ids_of(*map(ALPHABET.index, text)) for text in (TRAIN, VALIDATION))
    counts = counts_of(learner, train, SIZE)
    probabilities = probabilities_of(learner, counts, smoothing=SMOOTHING)
    due = _shares(_counts(TRAIN))
    panels = (_heat_map("yours", probabilities, due), _heat_map("due", due, due))
    wrong = _about_counts(counts) + _about_probabilities(counts, probabilities)
    got = (*baselines_of(learner, train, val, SIZE, smoothing=SMOOTHING), loss_of(learner, train, probabilities))
    return [Picture("What comes next", panels, wrong, ABOUT_TABLE), _losses(got)]


def _counts(text: str) -> Tensor:
    pairs = Counter(pairwise(text))
    return torch.tensor([[pairs[a, b] for b in ALPHABET] for a in ALPHABET])


def _shares(counts: Tensor) -> Tensor:
    smoothed = counts.double() + SMOOTHING
    return smoothed / smoothed.sum(dim=1, keepdim=True)


def _heat_map(title: str, got: Tensor, due: Tensor) -> HeatMap:
    wrong = ~torch.isclose(got, due, rtol=0, atol=TOLERANCE)
    marked = frozenset((row, column) for row, column in wrong.nonzero().tolist())
    labels = tuple(letter.replace(" ", "␣") for letter in ALPHABET)
    return HeatMap(title, table(got.tolist()), labels, labels, marked)


def _about_counts(got: Tensor) -> tuple[str, ...]:
    due = _counts(TRAIN)
    if bool((got == due).all()):
        return ()
    if bool((got == due.T).all()):
        return ("your rows and columns are changed round: the row is the letter before.",)
    row, column = (got != due).nonzero()[0].tolist()
    pair = f"{ALPHABET[row]}{ALPHABET[column]}"
    told = f"your count of {pair!r} is {got[row, column]:g}, where {due[row, column]} is due"
    return (f"{told}; you have {got.sum():g} pairs in all, and the text has {due.sum()}.",)


def _about_probabilities(counts: Tensor, got: Tensor) -> tuple[str, ...]:
    """Say what is wrong in the probabilities of these counts, be the counts right or wrong."""
    due = _shares(counts)
    off = (~torch.isclose(got, due, rtol=0, atol=TOLERANCE)).nonzero().tolist()
    if not off:
        return ()
    sums = got.sum(dim=1)
    row = int((sums - 1).abs().argmax())
    if not abs(float(sums[row]) - 1) <= TOLERANCE:
        columns = bool(torch.isclose(got.sum(dim=0), torch.ones_like(sums), rtol=0, atol=TOLERANCE).all())
        hint = "; your columns do: divide each row by its own total" if columns else ""
        return (f"row {row} ({ALPHABET[row]!r}) sums to {sums[row]:.2f}, not to 1{hint}.",)
    row, column = off[0]
    return (
        f"row {row} ({ALPHABET[row]!r}) gives {ALPHABET[column]!r} a probability of {got[row, column]:.3f}, "
        f"where {due[row, column]:.3f} is due.",
    )


def _losses(got: tuple[float, ...]) -> Picture:
    shares = _shares(_counts(TRAIN))
    letters = Counter(TRAIN)
    unigram = [(letters[b] + SMOOTHING) / (len(TRAIN) + SMOOTHING * SIZE) for b in VALIDATION[1:]]
    due = (math.log(SIZE), _cost(unigram), _cost(_found(shares, VALIDATION)), _cost(_found(shares, TRAIN)))
    names = ("uniform loss", "unigram loss", "bigram loss", "bigram loss on the text that was counted")
    told = zip(names, got, due, strict=True)
    wrong = tuple(_about_loss(*one) for one in told if not abs(one[1] - one[2]) <= TOLERANCE)
    panels = (Bars("yours", LABELS, got), Bars("due", LABELS, due))
    return Picture("What a letter costs", panels, wrong, ABOUT_LOSSES)


def _found(shares: Tensor, text: str) -> list[float]:
    return [float(shares[ALPHABET.index(a), ALPHABET.index(b)]) for a, b in pairwise(text)]


def _cost(probabilities: list[float]) -> float:
    return -sum(map(math.log, probabilities)) / len(probabilities)


def _about_loss(name: str, got: float, due: float) -> str:
    bits = abs(got * math.log(2) - due) <= TOLERANCE
    return f"your {name} is {got:.4f}, where {due:.4f} is due{'; that is bits, not nats' if bits else ''}."
