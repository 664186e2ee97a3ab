"""The input of a run: the text as tokens, its baselines, and the sizes of the model."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

from capstone.baselines import Baselines, measure
from capstone.errors import UnfitText
from capstone.model import Config
from capstone.text import Text
from capstone.tokens import Tokens
from capstone.training import Plan


@dataclass(frozen=True)
class Sizes:
    """The sizes of everything; small enough for one slow core.

    `context` is for the user's own text; for stories it is as long as the longest one. `drawn` stories are evaluated.
    """

    vocab_size: int = 600
    emb_dim: int = 64
    n_layers: int = 2
    n_heads: int = 4
    drop_rate: float = 0.0
    context: int = 128
    least_context: int = 16
    stories: int = 2200
    drawn: int = 50
    plan: Plan = dataclasses.field(default_factory=Plan)


@dataclass(frozen=True)
class Material:
    """A text in tokens: `train` and `kept` are its pieces, and `before` is the token before the first one of each."""

    text: Text
    tokens: Tokens
    train: list[list[int]]
    kept: list[list[int]]
    before: int
    context: int
    baselines: Baselines

    @property
    def kept_tokens(self) -> int:
        return sum(map(len, self.kept))

    @property
    def source(self) -> float | None:
        """The surprise of the grammar itself, in nats per token; None if there is no grammar."""
        return sum(self.text.surprises) / self.kept_tokens if self.text.source else None

    def config(self, sizes: Sizes) -> Config:
        """Return the model's sizes, with the book's names."""
        return {
            "vocab_size": len(self.tokens),
            "context_length": self.context,
            "emb_dim": sizes.emb_dim,
            "n_heads": sizes.n_heads,
            "n_layers": sizes.n_layers,
            "drop_rate": sizes.drop_rate,
            "qkv_bias": False,
        }

    def described(self) -> list[str]:
        """Describe the text in two lines."""
        text = self.text
        kept = f"{len(text.kept)} stories" if text.source else f"{sum(map(len, text.kept)):,}"
        count = sum(map(len, itertools.chain(self.train, self.kept)))
        each = text.characters / count
        return [
            f"  text    {text.name}, {text.characters:,} characters; {kept} held out",
            f"  tokens  {len(self.tokens)} kinds, {count:,} in all, {each:.1f} characters each",
        ]


def prepare(text: Text, tokens: Tokens, sizes: Sizes) -> Material:
    """Turn a text into tokens, and measure its baselines.

    Raises:
        UnfitText: it has too few tokens.
        PartFailed: the learner's tokenizer failed on it.
    """
    train, kept = tokens.encode_all(text.train), tokens.encode_all(text.kept)
    before = tokens.encode_all(["\n"])[0][0]
    if text.source is not None:
        # No story is longer than the context of the model.
        context = max(sizes.least_context, -(-max(map(len, [*train, *kept])) // 16) * 16)
    else:
        context = min(sizes.context, sum(map(len, train)), sum(map(len, kept)))
    if context < sizes.least_context:
        raise UnfitText(
            f"{text.name} becomes {sum(map(len, train + kept))} tokens, too few to train on. "
            "Name a longer text: --text book.txt"
        )
    return Material(text, tokens, train, kept, before, context, measure(train, kept, len(tokens), before))
