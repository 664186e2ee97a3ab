"""The training text: stories from the course's own grammar, or the user's own text."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from capstone.errors import UnfitText
from capstone.grammar import Grammar
from capstone.stories import STORIES
from grader.files import short_digest

STORY_COUNT = 2200
HELD_OUT = 0.1
"""The share of the text that the model is never trained on."""
FEWEST, MOST = 2_000, 4_000_000
"""The smallest and largest number of characters of the user's own text."""
TELLING = 0


@dataclass(frozen=True)
class Text:
    """A text in two parts; `train` and `kept` are pieces that the model reads one by one, each from its beginning.

    For the user's own text, `source` is None: its probabilities are unknown. Otherwise it is the grammar,
    `surprises` has the surprise of the grammar at each kept piece, in nats, and a piece is a story with its newline.
    """

    name: str
    train: tuple[str, ...]
    kept: tuple[str, ...]
    source: Grammar | None = None
    surprises: tuple[float, ...] = ()

    @property
    def digest(self) -> str:
        return short_digest("".join([*self.train, "\0", *self.kept]))

    @property
    def characters(self) -> int:
        return sum(map(len, self.train)) + sum(map(len, self.kept))


def tell_stories(count: int = STORY_COUNT, grammar: Grammar = STORIES) -> Text:
    """Generate stories with a grammar, one per line; the same number always gives the same stories."""
    draw = random.Random(TELLING)
    stories = [grammar.sample(draw) for _ in range(count)]
    kept = max(1, round(HELD_OUT * count))
    lines = tuple(f"{story.text}\n" for story in stories)
    surprises = tuple(-story.log_probability for story in stories[-kept:])
    return Text(f"{count} stories", lines[:-kept], lines[-kept:], grammar, surprises)


def read_text(path: Path) -> Text:
    """Read the user's own text; its last tenth is held out.

    Raises:
        UnfitText: the file doesn't exist, isn't UTF-8 text, or is too short.
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
    cut = len(text) - round(HELD_OUT * len(text))
    return Text(name, (text[:cut],), (text[cut:],))
