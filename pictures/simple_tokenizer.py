"""A sentence split by the learner's tokenizers, and the text that comes back."""

from __future__ import annotations

from grader.checks import Port
from grader.pictures import Picture, Tokens
from tests.visible.words import END_OF_TEXT, UNKNOWN, V1, V2, text_of, tokens_of

TOKENS = ("Rain", ",", "rain", "--", "it", "'", "s", "raining", "(", "well-known", "?", ")")
TEXT = "Rain, rain --\nit's raining (well-known?)"
OTHER = f'Snow: {END_OF_TEXT} "It\'s raining."'
OF_OTHER = (UNKNOWN, UNKNOWN, END_OF_TEXT, UNKNOWN, UNKNOWN, "'", "s", "raining", UNKNOWN, UNKNOWN)
DECODED = "Rain, rain -- it' s raining( well-known?)"
WRONG = ("", " ", "\n", "-", "Rain,", "it's", "(well-known?)", "well-known?)", "(well-known", "well", "known", "--\nit")
"""Tokens that come out if a text is split in the wrong positions."""
ABOUT = "Each pair of brackets is a token; the vocabulary has the tokens of the first text, and the special ones."


def pictures(learner: Port) -> list[Picture]:
    """Draw the tokens of two texts, and the decoded text of the first."""
    vocab = (*TOKENS, *WRONG, UNKNOWN, END_OF_TEXT)
    got = tuple(tokens_of(learner, V1, TEXT, vocab))
    of_other = tuple(tokens_of(learner, V2, OTHER, (*TOKENS, UNKNOWN, END_OF_TEXT)))
    text = text_of(learner, V1, *TOKENS)
    panels = [*_compared("the first tokenizer", got, TOKENS), *_compared("the second tokenizer", of_other, OF_OTHER)]
    panels += _compared("decoded by the first", tuple(text.split(" ")), tuple(DECODED.split(" ")))
    wrong = (
        *_difference(f"the first tokenizer on {TEXT!r}", got, TOKENS),
        *_difference(f"the second tokenizer on {OTHER!r}", of_other, OF_OTHER),
        *((f"decoded text: got {text!r}, expected {DECODED!r}.",) if text != DECODED else ()),
    )
    return [Picture("Two texts in tokens", tuple(panels), wrong, ABOUT)]


def _compared(title: str, got: tuple[str, ...], expected: tuple[str, ...]) -> list[Tokens]:
    """Draw some tokens, and the expected ones if they differ."""
    panels = [Tokens(f"{title}: {len(got)} tokens" if "decoded" not in title else title, tuple(map(_shown, got)))]
    return panels if got == expected else [*panels, Tokens("expected", tuple(map(_shown, expected)))]


def _difference(what: str, got: tuple[str, ...], expected: tuple[str, ...]) -> tuple[str, ...]:
    if got == expected:
        return ()
    position = next((n for n, pair in enumerate(zip(got, expected, strict=False)) if len(set(pair)) > 1), None)
    if position is None:
        return (f"{what}: got {len(got)} tokens, expected {len(expected)}.",)
    return (f"{what}: token {position} is {got[position]!r}, expected {expected[position]!r}.",)


def _shown(token: str) -> str:
    return token.replace(" ", "␣").replace("\n", "↵") or "''"
