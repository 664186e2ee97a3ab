"""A training run that takes seconds, for comparing a learner's modules with and without a bug.

The text is in characters, so the run needs no tokenizer, and the plan is short. What trains is the learner's: data
loader, model, optimizer, schedule, loop, and the generation of the sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from capstone.baselines import measure
from capstone.batches import Windows
from capstone.curve import Level, in_characters
from capstone.model import make_model
from capstone.text import tell_stories
from capstone.training import Plan, Training, seed_of
from capstone.writing import write
from grader.study.capstone import Parts
from grader.study.small_run import SmallRun

STORY_COUNT, CONTEXT, WIDTH, BLOCKS, HEADS = 120, 32, 32, 2, 2
PLAN = Plan(steps=300, leg=50, batch=8, looks=4, rate=1e-2)
WRITTEN = 100
"""Characters of the sample."""
USES = (
    "data_loader", "gpt_model", "gpt_block", "layer_norm", "multi_head_attention", "training_loop", "adamw",
    "lr_schedule",
)  # fmt: skip
"""The exercises whose modules decide how the model trains."""


class Characters:
    """A tokenizer under the interface that a training loop expects: each character is a token."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._characters = sorted({character for text in texts for character in text})
        self.n_vocab = len(self._characters)

    def encode(self, text: str, *, allowed_special: object = (), disallowed_special: object = ()) -> list[int]:
        return [self._characters.index(character) for character in text]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(self._characters[number] for number in ids)


def small_run(parts: Parts, seed: int = 0) -> SmallRun:
    """Train a small GPT for some seconds.

    Raises:
        PartFailed: one of the modules failed.
    """
    torch.set_num_threads(1)
    text = tell_stories(STORY_COUNT)
    tokenizer = Characters([*text.train, *text.kept])
    halves = [[tokenizer.encode("".join(half))] for half in (text.train, text.kept)]
    before = tokenizer.encode("\n")[0]
    device = torch.device("cpu")
    config = {
        "vocab_size": tokenizer.n_vocab,
        "context_length": CONTEXT,
        "emb_dim": WIDTH,
        "n_heads": HEADS,
        "n_layers": BLOCKS,
        "drop_rate": 0.0,
        "qkv_bias": False,
    }
    torch.manual_seed(seed_of(seed, "weights"))
    model = make_model(config, parts)
    train, kept = (Windows(parts, half, before, CONTEXT, device) for half in halves)
    training = Training(parts, model, (train, kept), device, (tokenizer, "One day"), seed, PLAN)
    while training.leg < training.plan.legs:
        training.run_leg()
    begin = tokenizer.encode("One day")
    (sample,) = write(parts, model, begin, 1, WRITTEN, CONTEXT, 0.7, seed=seed_of(seed, "writing"))
    baselines = measure(halves[0], halves[1], tokenizer.n_vocab, before)
    levels = [Level("knows nothing", baselines.uniform), Level("pairs", baselines.bigram)]
    points = training.curve
    return SmallRun(
        losses=tuple(point.kept for point in points),
        curve=in_characters(points, levels),
        sample=tokenizer.decode([*begin, *sample]),
    )
