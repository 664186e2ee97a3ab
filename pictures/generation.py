"""The shares of the tokens that the learner's `generate` draws, next to the probabilities."""

from __future__ import annotations

from typing import Any

import torch

from grader.checks import Port
from grader.pictures import Bars, Picture
from tests.visible.generating import counts_of

WORDS = (".", "the", "cat", "sat")
LOGITS = (0.0, -1.0, 2.0, 1.0)
"""The lesson's logits after `the`."""
DRAWS = 300
MARGIN = 0.15
"""How far the share of a token may be off: more than five standard deviations."""
SETTINGS: tuple[dict[str, Any], ...] = (
    {"temperature": 1.0},
    {"temperature": 2.0},
    {"temperature": 1.0, "top_k": 2},
)
ABOUT = (
    "What comes after `the` in the lesson's table. A higher temperature makes the bars more even, "
    "and top_k leaves only the largest."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the shares for three settings, and what the softmax gives."""
    drawn = []
    for number, options in enumerate(SETTINGS):
        shares = (counts_of(learner, LOGITS, new=DRAWS, **options) / DRAWS).tolist()
        expected = _probabilities(**options)
        named = ", ".join(f"{name}={value:g}" for name, value in options.items())
        panels = (
            Bars(f"your share of {DRAWS} draws", WORDS, tuple(shares)),
            Bars("probability", WORDS, tuple(expected)),
        )
        wrong = tuple(
            f"{named}: `{word}` came in {share:.0%} of the draws, expected about {right:.0%}."
            for word, share, right in zip(WORDS, shares, expected, strict=True)
            if abs(share - right) > MARGIN or (share > 0) > (right > 0)
        )
        drawn.append(Picture(f"Drawn with {named}", panels, wrong, "" if number else ABOUT))
    return drawn


def _probabilities(temperature: float, top_k: int = len(WORDS)) -> list[float]:
    logits = torch.tensor(LOGITS, dtype=torch.float64)
    cut = logits.masked_fill(logits < logits.topk(top_k).values[-1], -torch.inf)
    return [float(share) for share in (cut / temperature).softmax(dim=0)]
