"""The learner's model reads a text in pieces, with a cache, and at once, without one."""

from __future__ import annotations

from grader.checks import Port
from grader.pictures import Bars, Picture
from tests.visible.caching import VOCAB, gpt_of, ids_of, in_pieces, plainly

LENGTHS = (3, 1, 2, 1)
TOLERANCE = 1e-3
ABOUT = (
    "A bar for each position: the largest of its logits. The text has 7 tokens and is fed in pieces of 3, 1, 2 and 1. "
    "Both pictures should be equal."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the largest logit at each position, from a text in pieces and from the whole text."""
    model, ids = gpt_of(learner, seed=2), ids_of(1, sum(LENGTHS), seed=2)
    whole = plainly(model, ids, VOCAB)[0]
    model.call("reset_kv_cache")
    pieces = in_pieces(model, ids, LENGTHS, VOCAB)[0]
    labels = tuple(f"position {position}" for position in range(len(whole)))
    panels = (
        Bars("in pieces, with a cache", labels, tuple(pieces.amax(dim=1).tolist())),
        Bars("whole, without a cache", labels, tuple(whole.amax(dim=1).tolist())),
    )
    off = [position for position, gap in enumerate((pieces - whole).abs().amax(dim=1).tolist()) if not gap <= TOLERANCE]
    wrong = tuple(f"position {position}: the logits with a cache differ from those without." for position in off)
    return [Picture("A text in pieces and as a whole", panels, wrong, ABOUT)]
