"""What a run begins with: the text as tokens, what is known about it, and how large the model is to be."""

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
    """How large everything is; small enough for one slow core.

    `context` is for a text of one's own; for stories it is as long as the longest. `drawn` stories are judged.
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
    """A text in tokens: `train` and `kept` are its pieces, and `before` stands before the first token of each."""

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
        """How many nats a token surprise the grammar itself; None where there is no grammar."""
        return sum(self.text.told) / self.kept_tokens if self.text.source else None

    def config(self, sizes: Sizes) -> Config:
        """Return the model's sizes under the book's names."""
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
        """Say in two lines what is learned from."""
        text = self.text
        kept = f"{len(text.kept)} stories" if text.source else f"{sum(map(len, text.kept)):,}"
        count = sum(map(len, itertools.chain(self.train, self.kept)))
        each = text.characters / count
        return [
            f"  text    {text.name}, {text.characters:,} characters; {kept} held out",
            f"  tokens  {len(self.tokens)} kinds, {count:,} in all, {each:.1f} characters each",
        ]


def prepare(text: Text, tokens: Tokens, sizes: Sizes) -> Material:
    """Turn a text into tokens, and find out what can be known about it.

    Raises:
        UnfitText: it has too few tokens.
        PartFailed: the learner's tokenizer failed on it.
    """
    train, kept = tokens.encode_all(text.train), tokens.encode_all(text.kept)
    before = tokens.encode_all(["\n"])[0][0]
    if text.source is not None:
        # So that no story is longer than what the model can look back on.
        context = max(sizes.least_context, -(-max(map(len, [*train, *kept])) // 16) * 16)
    else:
        context = min(sizes.context, sum(map(len, train)), sum(map(len, kept)))
    if context < sizes.least_context:
        raise UnfitText(
            f"{text.name} becomes {sum(map(len, train + kept))} tokens, too few to train on. "
            "Name a longer text: --text book.txt"
        )
    return Material(text, tokens, train, kept, before, context, measure(train, kept, len(tokens), before))
