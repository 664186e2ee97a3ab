"""Fine-tuning the trained model to tell two kinds of texts apart that have the same words."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from rich.table import Table
from torch import Tensor

from capstone import folder as files
from capstone.account import parts_table
from capstone.arrivals import CLASSES, Example, bag_accuracy, neighbors_of, tell_pairs
from capstone.batches import Batch, Loader
from capstone.model import count_parameters
from capstone.tokens import BookTokenizer
from capstone.training import Plan
from capstone.tuning import Task, Trained, Tuning, bar_of, signing
from grader.study.capstone import CapstoneOptions, PartFailed, Parts

CLASSIFY = "classify"
MODULES = (
    "bpe_tokenizer", "multi_head_attention", "layer_norm", "gpt_block", "gpt_model", "adamw", "checkpointing",
    "classifier_head", "classifier",
)  # fmt: skip
HEAD = "classifier_head", "to_classifier"
PART = "classifier"
LOOP, ACCURACY, REVIEW = "train_classifier_simple", "calc_accuracy_loader", "classify_review"
ANSWERS = {"not spam": 0, "spam": 1}
"""The two answers of the book's `classify_review`, and their classes."""
SHOWN = 4


@dataclass(frozen=True)
class ClassifySizes:
    """The sizes of everything: numbers of pairs of texts, and the plan of the training."""

    pairs: int = 1000
    kept: int = 200
    plan: Plan = field(default_factory=lambda: Plan(steps=400, leg=25, batch=16, looks=8, rate=2e-3))


@dataclass(frozen=True)
class Scores:
    """Shares of right answers on the held-out texts.

    `verdicts` are some of these texts, with their classes and what the learner's `classify_review` says.
    """

    majority: float
    bag: float
    neighbors: float
    before: float
    gpt: float
    kept: int
    trained: int
    parameters: int
    verdicts: list[tuple[str, int, int]]


def classify(parts: Parts, order: CapstoneOptions, device: torch.device, sizes: ClassifySizes | None = None) -> Scores:
    """Fine-tune the trained model to classify; show and save the results.

    Args:
        parts: the learner's modules, or stand-ins.
        order: the user's options.
        device: where to compute.
        sizes: the sizes of everything.

    Raises:
        GraderError: there is no trained model, or a module of the learner's failed.
    """
    sizes = sizes or ClassifySizes()
    task = Task(parts, order, device, MODULES, sizes)
    task.say("Your classifier is made of:")
    order.console.print(parts_table(parts, MODULES))
    draw = random.Random(0)
    train = tell_pairs(draw, sizes.pairs)
    kept = tell_pairs(draw, sizes.kept, {example.text for example in train})
    task.say(f"  texts   {len(train):,} to learn from, {len(kept)} held out, half of each class")
    task.say("  class   which comes first, the fox (1) or the goose (0)?")
    result = task.run.read(files.RESULT)
    if result is None:
        result = dataclasses.asdict(_trained(task, sizes, train, kept))
        task.run.write(files.RESULT, json.dumps(result, indent=1))
    else:
        task.say("This run was already finished; --restart trains again.")
        task.redraw()
    scores = Scores(**result)
    _show(task, scores)
    return scores


def _trained(task: Task, sizes: ClassifySizes, train: Sequence[Example], kept: Sequence[Example]) -> Scores:
    parts, device = task.parts, task.device
    rows = _Rows(task, [train, kept])
    model = task.pretrained.model(parts, device)
    task.seeded("head")
    make = parts.take(*HEAD)
    with parts.running():
        model = make(model, num_classes=len(CLASSES)).to(device)
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    task.say(f"  model   {count_parameters(model):,} parameters, of which {trained:,} are trained; on {device.type}")
    measure = parts.take(PART, ACCURACY)

    def accuracy(which: int, count: int | None = None) -> float:
        with signing(parts, model):
            share = measure(Loader(rows.batches(which)), model, device, count)
        if not isinstance(share, float | int | Tensor) or not 0 <= float(share) <= 1:
            raise PartFailed(f"{ACCURACY} returned {share!r} instead of a share. Run: grader check {PART}")
        return float(share)

    before = accuracy(1)
    bag, neighbors = bag_accuracy(train, kept), bag_accuracy(train, kept, neighbors_of)
    plan = task.plan(sizes.plan)
    looks = rows.batches(1)[: plan.looks]
    training = _Training(parts, model, device, task.seed("training"), plan, rows.drawn, lambda: accuracy(1), looks)
    # Legs save under the task's own folder; the result that ends this task is another one.
    task.trained(task.begun(task.folder / "tuned"), training, "fine-tuning", f"bag of words {bag:.0%}")
    task.draw(
        {"your GPT": training.curve},
        {"a bag of words": bag},
        "Who comes first? Your GPT, fine-tuned to tell",
    )
    if training.seconds:
        task.say(f"Fine-tuned for {training.steps} steps, which took {training.seconds:.0f} seconds.")
    labels = [example.label for example in kept]
    return Scores(
        majority=max(labels.count(0), labels.count(1)) / len(labels),
        bag=bag,
        neighbors=neighbors,
        before=before,
        gpt=accuracy(1),
        kept=len(kept),
        trained=trained,
        parameters=count_parameters(model),
        verdicts=_verdicts(task, model, kept[:SHOWN], rows),
    )


class _Rows:
    """The texts of each part as rows of ids, padded to one length."""

    def __init__(self, task: Task, texts: Sequence[Sequence[Example]]) -> None:
        tokens, self.pad = task.pretrained.tokens, task.pretrained.before
        # As in the pretraining, each text begins after a newline.
        ids = [tokens.encode_all([f"\n{example.text}" for example in part]) for part in texts]
        self.length = min(max(len(row) for part in ids for row in part), task.pretrained.config["context_length"])
        self._rows = [
            torch.tensor([[*row, *[self.pad] * self.length][: self.length] for row in part], device=task.device)
            for part in ids
        ]
        self._labels = [torch.tensor([e.label for e in part], device=task.device) for part in texts]

    def batches(self, which: int, size: int = 50) -> list[tuple[Tensor, Tensor]]:
        """Return all texts of a part in batches."""
        return list(zip(torch.split(self._rows[which], size), torch.split(self._labels[which], size), strict=True))

    def drawn(self, count: int, size: int, seed: int) -> list[Batch]:
        """Draw batches of the training texts."""
        generator = torch.Generator().manual_seed(seed)
        numbers = torch.randint(len(self._rows[0]), (count, size), generator=generator).to(self._rows[0].device)
        return [(self._rows[0][row], self._labels[0][row]) for row in numbers]


class _Training(Tuning[Batch]):
    """The legs of the learner's `train_classifier_simple`."""

    def __init__(
        self,
        parts: Parts,
        model: torch.nn.Module,
        device: torch.device,
        seed: int,
        plan: Plan,
        draw: Callable[[int, int, int], list[Batch]],
        right: Callable[[], float],
        kept: Sequence[Batch],
    ) -> None:
        super().__init__(parts, model, device, seed, plan, draw, right, (PART, LOOP))
        self._kept = kept
        self._loop = parts.take(PART, LOOP)

    def _take(self, batches: list[Batch], begun: Callable[[], None]) -> tuple[float, float]:
        every = max(1, len(batches) - 1)
        loaders = Loader(batches, begun), Loader(self._kept)
        returned = self._loop(Trained(self.model), *loaders, self.optimizer, self._device, 1, every, self.plan.looks)
        count = len(range(0, len(batches), every))
        what = "four lists and a number"
        return self._last(returned, count, 0, what), self._last(returned, count, 1, what)


def _verdicts(
    task: Task, model: torch.nn.Module, examples: Sequence[Example], rows: _Rows
) -> list[tuple[str, int, int]]:
    """Return some texts with their classes and what the learner's `classify_review` says of them."""
    review: Any = task.parts.take(PART, REVIEW)
    tokenizer = BookTokenizer(task.pretrained.tokens)
    verdicts = []
    for example in examples:
        with signing(task.parts, model):
            answer = review(
                f"\n{example.text}", model, tokenizer, task.device, max_length=rows.length, pad_token_id=rows.pad
            )
        if answer not in ANSWERS:
            raise PartFailed(f"{REVIEW} returned {answer!r} instead of 'spam' or 'not spam'. Run: grader check {PART}")
        verdicts.append((example.text, example.label, ANSWERS[answer]))
    return verdicts


def _show(task: Task, scores: Scores) -> None:
    console = task.order.console
    console.print()
    table = Table(title=f"Right on {scores.kept} held-out texts", title_justify="left", box=None)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("", no_wrap=True)
    for name, share in (
        ("majority class", scores.majority),
        ("bag of words: logistic regression", scores.bag),
        ("the same on words and pairs of neighbors", scores.neighbors),
        ("your GPT with a fresh head", scores.before),
        ("your GPT, fine-tuned", scores.gpt),
    ):
        table.add_row(name, f"{share:.1%}", bar_of(console, share))
    console.print(table)
    console.print()
    task.say(
        "Each text has a partner with the same words and the other class, so a bag of words is right about "
        "exactly half of them, whatever it learns."
    )
    lines = []
    for text, label, verdict in scores.verdicts:
        lines.append(f"--- {CLASSES[verdict]}: {'right' if label == verdict else 'wrong'}\n{text}\n")
    task.run.write(files.SAMPLES, "\n".join(lines))
    console.print()
    task.say("\n".join(lines))
    task.say_files()
