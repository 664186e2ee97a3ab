"""What is learned from: stories of the course's own grammar, or a text of one's own."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from capstone.errors import UnfitText
from capstone.grammar import Grammar
from capstone.stories import STORIES
from grader.files import short_digest

STORY_COUNT = 2200
KEPT_APART = 0.1
"""The share of the text that is never trained on."""
FEWEST, MOST = 2_000, 4_000_000
"""Characters that a text of one's own must and may have."""
TELLING = 0


@dataclass(frozen=True)
class Text:
    """A text in two halves; `train` and `kept` are pieces that are read one by one, each from its beginning.

    `source` is None for a text of one's own: who wrote it knows no probabilities. Else it is the grammar, `told` how
    improbable it found each of the kept pieces, in nats, and a piece is a story with its line end.
    """

    name: str
    train: tuple[str, ...]
    kept: tuple[str, ...]
    source: Grammar | None = None
    told: tuple[float, ...] = ()

    @property
    def digest(self) -> str:
        return short_digest("".join([*self.train, "\0", *self.kept]))

    @property
    def characters(self) -> int:
        return sum(map(len, self.train)) + sum(map(len, self.kept))


def tell_stories(count: int = STORY_COUNT, grammar: Grammar = STORIES) -> Text:
    """Tell stories by a grammar, a line each: the same ones whenever there are so many."""
    draw = random.Random(TELLING)
    stories = [grammar.sample(draw) for _ in range(count)]
    kept = max(1, round(KEPT_APART * count))
    lines = tuple(f"{story.text}\n" for story in stories)
    told = tuple(-story.log_probability for story in stories[-kept:])
    return Text(f"{count} stories", lines[:-kept], lines[-kept:], grammar, told)


def read_text(path: Path) -> Text:
    """Read a text of one's own; its last tenth is kept apart.

    Raises:
        UnfitText: there is no such file, it is no text in UTF-8, or there is too little of it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnfitText(f"{path} can't be read ({error.strerror}). Name a file: --text book.txt") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnfitText(
            f"{path} isn't UTF-8 text: byte {error.start} is {data[error.start]:#04x}. "
            "Save it as plain text with the encoding UTF-8, and name it again: --text book.txt"
        ) from None
    if "\0" in text:
        raise UnfitText(f"{path} contains zero bytes, so it isn't plain text. Name one that is: --text book.txt")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text.strip()) < FEWEST:
        raise UnfitText(
            f"{path} has {len(text.strip())} characters; training needs at least {FEWEST}, and a short book "
            "is better. Name a longer one: --text book.txt"
        )
    name = f"{path.name}, the first {MOST} characters" if len(text) > MOST else path.name
    text = text[:MOST]
    cut = len(text) - round(KEPT_APART * len(text))
    return Text(name, (text[:cut],), (text[cut:],))
