"""The report on a run: its modules, how surprised the model still is, and what it writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from capstone.curve import Level
from grader.study.capstone import Parts

BAR = 24
"""Characters of the longest bar in the table."""


@dataclass(frozen=True)
class Sample:
    """A text that the model wrote; `begin` is the beginning that it continued."""

    how: str
    begin: str
    text: str


@dataclass(frozen=True)
class Account:
    """The numbers of a finished run, in nats for the whole held-out text unless stated otherwise.

    Among `drawn` stories drawn at temperature 1, `derived` follow the grammar, and `copied` appear word for word in the
    training text; both are 0 for the user's own text.
    """

    uniform: float
    unigram: float
    bigram: float
    gpt: float
    source: float | None
    entropy: float | None
    tokens: int
    characters: int
    pieces: int
    drawn: int
    derived: int
    copied: int
    samples: list[Sample]

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Account:
        """Make an account from plain data."""
        return cls(**(data | {"samples": [Sample(**sample) for sample in data["samples"]]}))

    def levels(self) -> list[Level]:
        """List the cross-entropies that need no model, in nats per token, the largest first."""
        known = [("uniform", self.uniform), ("unigram", self.unigram), ("bigram", self.bigram), ("source", self.source)]
        return [Level(name, nats / self.tokens) for name, nats in known if nats is not None]

    def table(self, console: Console) -> Table:
        """Make the table of surprise, for a console."""
        table = Table(title="Surprise at the held-out text, in nats", title_justify="left", box=None)
        table.add_column("")
        for heading in ("per token", "per character"):
            table.add_column(heading, justify="right")
        table.add_column("", no_wrap=True)
        block = "#" if console.options.ascii_only else "█"
        rows = [
            ("uniform: knows nothing", self.uniform),
            ("unigram: word frequencies", self.unigram),
            ("bigram: one word back", self.bigram),
            ("your GPT", self.gpt),
            ("the source: nothing left to learn", self.source),
        ]
        for name, nats in rows:
            if nats is not None:
                bar = block * max(1, round(BAR * nats / self.uniform))
                table.add_row(name, f"{nats / self.tokens:.3f}", f"{nats / self.characters:.3f}", bar)
        return table

    def words(self) -> list[str]:
        """Say what the numbers mean."""
        if self.source is None or self.entropy is None:
            sentences = ["Nobody knows how predictable this text is, so there is no lower bound to compare with."]
        else:
            a_story = self.source / self.pieces
            sentences = [
                f"The grammar itself is surprised by {a_story:.2f} nats per story here (on average by "
                f"{self.entropy:.2f}, its exact entropy), and your GPT by {self.gpt / self.pieces:.2f}."
            ]
        span = self.bigram - (self.source or 0.0)
        if self.gpt >= self.bigram:
            sentences.append("Your GPT doesn't beat the bigram yet: train for longer.")
        elif self.source is not None:
            sentences.append(
                f"It has covered {(self.bigram - self.gpt) / span:.0%} of the way from the bigram to the source."
            )
        if self.drawn:
            sentences.append(
                f"Of {self.drawn} stories drawn at temperature 1, {self.derived} follow the grammar; "
                f"{self.copied} also appear in the training text."
            )
        return sentences

    def samples_text(self) -> str:
        """Write the samples."""
        blocks = []
        for sample in self.samples:
            head = f"{sample.how}, continuing {sample.begin!r}" if sample.begin.strip() else sample.how
            blocks.append(f"--- {head}\n{sample.text.strip()}\n")
        return "\n".join(blocks)


def parts_table(parts: Parts, exercises: Collection[str]) -> Table:
    """Make the table that says which modules of these exercises are the learner's own."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for part in parts.by_exercise.values():
        if part.exercise in exercises:
            table.add_row(f"  {part.exercise}", "yours" if part.is_learners else f"a stand-in: {part.why}")
    return table


def fitting(console: Console, text: str) -> str:
    """Make a text safe for a console: what it can't print, or what would move its cursor, becomes a question mark."""
    encoding = console.encoding
    written = text.encode(encoding, "replace").decode(encoding)
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in written)
