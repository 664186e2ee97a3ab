"""What the learner's counts say about the lesson's napkin model, part by part."""

from __future__ import annotations

from collections.abc import Mapping

from grader.checks import Port
from grader.pictures import Bars, Picture
from tests.visible import costs

NAPKIN = {"vocab_size": 10, "context_length": 6, "emb_dim": 4, "n_heads": 2, "n_layers": 2}
PARAMETERS = {"a token": 8, "a position": 4, "a block": 232, "all": 576, "all, tied": 536}
OPERATIONS = {"a token": 24, "a block": 1296, "all": 2832}
BYTES = {"a token more": 32, "a block more": 48, "all": 96}
TOKENS = 3
ABOUT = {
    "Parameters": "What one more token in the vocabulary, one more position and one more block add; then all of them.",
    "Operations": "What one more token in the vocabulary and one more block add for a text of 3 tokens; then all.",
    "Cache": "What one more token and one more block add to the bytes for one text of 3 tokens; then all of them.",
}


def pictures(learner: Port) -> list[Picture]:
    """Draw the three counts of the lesson's model."""

    def parameters(tied: bool = False, **more: int) -> float:
        return costs.parameters(learner, tied, **NAPKIN | more)

    def flops(**more: int) -> float:
        return costs.flops(learner, TOKENS, **NAPKIN | more)

    def cache(tokens: int = TOKENS, **more: int) -> float:
        return costs.cache(learner, 1, tokens, 2, **NAPKIN | more)

    got = {
        "a token": parameters(vocab_size=11) - parameters(),
        "a position": parameters(context_length=7) - parameters(),
        "a block": parameters(n_layers=3) - parameters(),
        "all": parameters(),
        "all, tied": parameters(tied=True),
    }
    drawn = [_picture("Parameters", got, PARAMETERS)]
    got = {
        "a token": flops(vocab_size=11) - flops(),
        "a block": flops(n_layers=3) - flops(),
        "all": flops(),
    }
    drawn.append(_picture("Operations", got, OPERATIONS))
    got = {"a token more": cache(TOKENS + 1) - cache(), "a block more": cache(n_layers=3) - cache(), "all": cache()}
    drawn.append(_picture("Cache", got, BYTES))
    return drawn


def _picture(title: str, got: Mapping[str, float], expected: Mapping[str, float]) -> Picture:
    panels = tuple(
        Bars(whose, tuple(counts), tuple(counts.values())) for whose, counts in (("yours", got), ("expected", expected))
    )
    wrong = tuple(
        f"{title.lower()}, {name}: got {got[name]:g}, expected {count:g}."
        for name, count in expected.items()
        if got[name] != count
    )
    return Picture(f"{title} of the napkin model", panels, wrong, ABOUT[title])
