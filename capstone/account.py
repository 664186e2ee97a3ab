"""What is said of a run: what it is made of, how much surprise is left, what it writes."""

from __future__ import annotations

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
    """A text that the model wrote; `begin` is what it was given to go on from."""

    how: str
    begin: str
    text: str


@dataclass(frozen=True)
class Account:
    """The numbers of a finished run, in nats for the whole of the kept text where nothing else is said.

    `derived` and `copied` count, among `drawn` stories drawn at temperature 1, those that the grammar can tell, and
    those that stand word for word in the text that was trained on; they are 0 for a text of one's own.
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
        """Make one of plain data."""
        return cls(**(data | {"samples": [Sample(**one) for one in data["samples"]]}))

    def levels(self) -> list[Level]:
        """List what is known without the model, in nats a token, from the most to the least."""
        known = [("uniform", self.uniform), ("unigram", self.unigram), ("bigram", self.bigram), ("source", self.source)]
        return [Level(name, nats / self.tokens) for name, nats in known if nats is not None]

    def table(self, console: Console) -> Table:
        """Make the table of what is left of the surprise, for a console."""
        table = Table(title="Surprise at the held-out text, in nats", title_justify="left", box=None)
        table.add_column("")
        for head in ("a token", "a character"):
            table.add_column(head, justify="right")
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
            said = ["Nobody knows how predictable this text is, so there is no lower bound to compare with."]
        else:
            a_story = self.source / self.pieces
            said = [
                f"The grammar itself is surprised by {a_story:.2f} nats a story here (in expectation by "
                f"{self.entropy:.2f}, its exact entropy), your GPT by {self.gpt / self.pieces:.2f}."
            ]
        span = self.bigram - (self.source or 0.0)
        if self.gpt >= self.bigram:
            said.append("Your GPT doesn't beat the bigram yet: train for longer.")
        elif self.source is not None:
            said.append(
                f"It has covered {(self.bigram - self.gpt) / span:.0%} of the way from the bigram to the source."
            )
        if self.drawn:
            said.append(
                f"Of {self.drawn} stories drawn at temperature 1, {self.derived} follow the grammar; "
                f"{self.copied} also appear in the training text."
            )
        return said

    def samples_text(self) -> str:
        """Write the samples."""
        blocks = []
        for sample in self.samples:
            head = f"{sample.how}, continuing {sample.begin!r}" if sample.begin.strip() else sample.how
            blocks.append(f"--- {head}\n{sample.text.strip()}\n")
        return "\n".join(blocks)


def parts_table(parts: Parts) -> Table:
    """Say which modules are the learner's own."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for part in parts.by_exercise.values():
        table.add_row(f"  {part.exercise}", "yours" if part.own else f"a stand-in: {part.why}")
    return table


def fitting(console: Console, text: str) -> str:
    """Make a text fit for a console: what it cannot write, and what would move its cursor, becomes a question mark."""
    encoding = console.encoding
    written = text.encode(encoding, "replace").decode(encoding)
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in written)
