"""Milestones on the way to the capstone: what the parts that are there already can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from capstone.account import fitting
from capstone.attention import HEADS, ONE_HEAD, Look, looks_of
from capstone.material import Material
from capstone.training import surprise
from capstone.writing import write
from grader.errors import UsageError
from grader.study.capstone import Parts

ATTENTION, BABBLE = "attention", "babble"
NAMES = (ATTENTION, BABBLE)
STEPS = 300
"""Steps of training before the attention is shown: enough to pass the bigram, which takes half a minute."""
SENTENCE = "Once Nora lived near the forest with grandmother. One day"
"""A beginning of a story; the next word is `she` or `he`, depending on the name."""
NAME = " Nora"
WORDS = 12
"""How many tokens of the user's own text are shown."""
TOP = 3
"""How many of the tokens that a head looks at are listed."""


def checked_name(name: str) -> str:
    """Return the name of a milestone.

    Raises:
        UsageError: there is no such milestone.
    """
    if name not in NAMES:
        raise UsageError(f"There is no milestone `{name}`. Choose one of: {', '.join(NAMES)}.")
    return name


def show_attention(console: Console, parts: Parts, model: nn.Module, material: Material, heads: int) -> None:
    """Print what the last token of a beginning looks at, in each head of a trained model."""
    stories = material.text.source is not None
    ids = material.tokens.encode_all([SENTENCE])[0] if stories else material.kept[0][:WORDS]
    # The weights are read off vectors as wide as a head, so a longer text is cut at its beginning.
    ids = ids[-next(model.parameters()).shape[1] // heads :]
    tokens = [material.tokens.decode([token]) for token in ids]
    looks = looks_of(parts, model, ids, heads)
    whose = "Your" if any(parts.by_exercise[name].is_learners for name, _ in (HEADS, ONE_HEAD)) else "The stand-in's"
    console.print()
    say(console, f"{whose} attention looks at these words. The text: {material.tokens.decode(ids)!r}")
    table = Table(box=None, pad_edge=False)
    for heading in ("block", "head", f"looks from {tokens[-1]!r} at"):
        table.add_column(heading)
    for look in looks:
        table.add_row(str(look.block), str(look.head), in_words(look, tokens))
    console.print(table, markup=False)
    say(console, f"A head that looks everywhere alike gives each of the {len(ids)} tokens {1 / len(ids):.0%}.")
    expected, probability = following(parts, model, ids)
    sentence = f"As the next token, the model expects {material.tokens.decode([expected])!r} ({probability:.0%})."
    if stories and NAME in tokens:
        look, share = most_at(looks, tokens.index(NAME))
        sentence += (
            f" Whether it's a she or a he depends on the name, and head {look.head} of block {look.block} looks at "
            f"{NAME!r} the most ({share:.0%})."
        )
    say(console, sentence)


def in_words(look: Look, tokens: Sequence[str]) -> str:
    """List the tokens that a head looks at most."""
    ranked = sorted(zip(look.shares, tokens, strict=True), key=lambda pair: -pair[0])
    return ",  ".join(f"{token!r} {share:.0%}" for share, token in ranked[:TOP])


def most_at(looks: Sequence[Look], position: int) -> tuple[Look, float]:
    """Return the head that gives a position the largest share, and this share."""
    best = max(looks, key=lambda look: look.shares[position])
    return best, best.shares[position]


def following(parts: Parts, model: nn.Module, ids: Sequence[int]) -> tuple[int, float]:
    """Return the token that a model expects next, and its probability."""
    model.eval()
    with torch.no_grad(), parts.running():
        logits = model(torch.tensor([list(ids)], device=next(model.parameters()).device))
    probability, token = logits[0, -1].softmax(dim=-1).max(dim=-1)
    return int(token), float(probability)


def show_babble(
    console: Console,
    parts: Parts,
    model: nn.Module,
    material: Material,
    seed: int,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Print what a model writes that has learned nothing, and how surprised it is."""
    with parts.running():
        device = next(model.parameters()).device
        nats = surprise(model, material.kept, material.before, material.context, device, tell) / material.kept_tokens
    texts = write(parts, model, [material.before], 2, 40, material.context, temperature=1.0, seed=seed, tell=tell)
    console.print()
    say(console, "An untrained GPT babbles:")
    for number, ids in enumerate(texts, start=1):
        say(console, f"\n--- text {number}\n{material.tokens.decode(ids).strip()}")
    console.print()
    uniform, bigram = material.baselines.uniform, material.baselines.bigram
    say(
        console,
        f"Each held-out token is a surprise of {nats:.2f} nats to it, on average. Knowing nothing at all means "
        f"{uniform:.2f} (the logarithm of {len(material.tokens)} tokens), and counting pairs of tokens gives "
        f"{bigram:.2f}.",
    )
    say(console, "To train it until it beats both: grader capstone")


def say(console: Console, text: str) -> None:
    """Print a sentence, with what the console can show."""
    console.print(fitting(console, text), markup=False)
