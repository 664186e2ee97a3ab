"""Training: the learner's `train_model` takes every step, in legs; their checkpoint is saved after each leg.

A leg is one call with one epoch over a few batches. Each leg starts from its own seed, so that it depends only on the
weights, the optimizer and its number: a run that was killed continues exactly as it would have. The first leg is the
warm-up, and each later leg follows the cosine from its own first rate to the next leg's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy
import torch
from torch import Tensor, nn

from capstone.batches import Loader, Windows
from grader.study.capstone import PartFailed, Parts

RUNAWAY, SPARE = 20, 5_000
"""A loop may call the model this many times as often as needed, and this many times more for samples."""
PRINTED = 100_000
"""The number of characters to keep of what a learner's loop prints."""
LOOP, TRAIN = "training_loop", "train_model_simple"
SCHEDULE, TRAIN_ON_SCHEDULE = "lr_schedule", "train_model"
CHECKPOINT = "checkpointing"


@dataclass(frozen=True)
class Plan:
    """The plan of the training: each point of the curve is measured on `looks` batches of each part of the text."""

    steps: int = 1200
    leg: int = 50
    batch: int = 8
    looks: int = 8
    rate: float = 5e-3
    decay: float = 0.01

    @property
    def legs(self) -> int:
        return max(1, self.steps // self.leg)

    def first_step(self, leg: int) -> int:
        """Return how many steps come before a leg."""
        return self.steps if leg >= self.legs else leg * self.leg

    def length(self, leg: int) -> int:
        """Return the number of steps of a leg; the last one may be longer."""
        return self.first_step(leg + 1) - self.first_step(leg)

    def rate_of(self, leg: int) -> float:
        """Return a leg's first learning rate after the warm-up: along a cosine from the full rate to a twentieth."""
        done = max(0, leg - 1) / max(1, self.legs - 1)
        return self.rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))


@dataclass(frozen=True)
class Point:
    """A point of the curve: steps and tokens so far, and the losses that the learner's loop returned for it."""

    step: int
    tokens: int
    train: float
    kept: float


def seed_of(seed: int, what: str) -> int:
    """Derive a seed for one purpose from the run's seed."""
    return int.from_bytes(hashlib.sha256(f"{seed} {what}".encode()).digest()[:4], "big")


class _Reached(Protocol):
    """A point of a curve."""

    @property
    def step(self) -> int: ...


P = TypeVar("P", bound=_Reached)


class Legs(Generic[P]):
    """A model in training, leg by leg.

    Args:
        parts: the learner's modules.
        model: the model, on its device; only its parameters that require a gradient are trained.
        device: the device of the model.
        seed: the seed of the run.
        plan: the plan of the training.
        point: the class of the curve's points, which are made from numbers.
        stepping: the exercise and the function that take the steps.
    """

    def __init__(
        self,
        parts: Parts,
        model: nn.Module,
        device: torch.device,
        seed: int,
        plan: Plan,
        point: Callable[..., P],
        stepping: tuple[str, str],
    ) -> None:
        self.plan, self.model = plan, model
        self.curve: list[P] = []
        self.leg = 0
        self.seconds = 0.0
        self.printed = ""
        self._parts, self._device, self._seed = parts, device, seed
        self._point, self._stepping = point, stepping
        kind = parts.take("adamw", "AdamW")
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        with parts.running():
            self.optimizer: torch.optim.Optimizer = kind(
                trained, lr=plan.rate, betas=(0.9, 0.99), weight_decay=plan.decay
            )

    @property
    def steps(self) -> int:
        return self.plan.first_step(self.leg)

    def fit_into(self, seconds: float) -> None:
        """Plan as many steps as fit into these seconds, after the first leg has shown how long a step takes."""
        fit = int(seconds / self.seconds * self.steps)
        self.plan = dataclasses.replace(self.plan, steps=max(self.plan.leg, fit))

    def run_leg(self, tell: Callable[[], None] = lambda: None) -> None:
        """Take the steps of the next leg.

        Args:
            tell: called before each step.

        Raises:
            PartFailed: the learner's code raised something, didn't return, or didn't do what it should.
        """
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what the rest of the run depends on and the checkpoint doesn't have."""
        curve = [list(vars(point).values()) for point in self.curve]
        return {"steps": self.plan.steps, "seconds": self.seconds, "curve": curve}

    def save(self, path: Path) -> None:
        """Have the learner's `save_checkpoint` save model and optimizer."""
        save = self._parts.take(CHECKPOINT, "save_checkpoint")
        with self._parts.running():
            save(str(path), self.model, self.optimizer, self.steps)

    def restore(self, path: Path, state: dict[str, Any]) -> None:
        """Continue from a checkpoint and the state that was saved with it.

        Raises:
            ValueError: the checkpoint can't be loaded, or is none of this run's.
        """
        load = self._parts.take(CHECKPOINT, "load_checkpoint")
        plan = dataclasses.replace(self.plan, steps=state["steps"])
        try:
            steps = load(str(path), self.model, self.optimizer)
        except Exception as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error
        legs = [leg for leg in range(plan.legs + 1) if plan.first_step(leg) == steps]
        if not legs:
            raise ValueError(f"load_checkpoint returned {steps!r}")
        self.plan, self.leg, self.seconds = plan, legs[0], state["seconds"]
        # If the run was killed between the two files, the curve is a leg ahead of the checkpoint.
        self.curve = [point for values in state["curve"] if (point := self._point(*values)).step <= steps]

    @contextlib.contextmanager
    def _watched(self, sign: Callable[[], None], length: int, stepped: Callable[[], None]) -> Iterator[None]:
        """Count each call of the model as a sign of progress, unless there are far too many; tell of each step."""
        left = RUNAWAY * (length + 2 * self.plan.looks) + SPARE

        def used(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise self._at_fault(f"keeps calling the model, long after {length} steps")
            sign()

        handles = [
            self.model.register_forward_pre_hook(used),
            self.optimizer.register_step_post_hook(lambda *_: stepped()),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _begin_leg(self) -> int:
        """Set the leg's learning rate and random states, and return its seed."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_of(self.leg)
        seed = seed_of(self._seed, f"leg {self.leg}")
        torch.manual_seed(seed)
        random.seed(seed)
        numpy.random.seed(seed)
        return seed

    def _is_learners(self) -> bool:
        return self._parts.by_exercise[self._stepping[0]].is_learners

    def _at_fault(self, what: str) -> PartFailed:
        whose = "Your" if self._is_learners() else "The stand-in's"
        exercise, function = self._stepping
        return PartFailed(f"{whose} {function} {what}. Run: grader check {exercise}")


class Training(Legs[Point]):
    """A model that learns to predict the next token.

    Args:
        parts: the learner's modules.
        model: the model, on its device.
        windows: the rows of the training text, and of the held-out text.
        device: the device of the model.
        sample: a tokenizer and a beginning, for the sample that the learner's loop may print.
        seed: the seed of the run.
        plan: the plan of the training.
    """

    def __init__(
        self,
        parts: Parts,
        model: nn.Module,
        windows: tuple[Windows, Windows],
        device: torch.device,
        sample: tuple[Any, str],
        seed: int,
        plan: Plan,
    ) -> None:
        # The stand-in for the schedule leaves the steps to the loop of `training_loop`.
        schedule_is_learners = parts.by_exercise[SCHEDULE].is_learners
        stepping = (SCHEDULE, TRAIN_ON_SCHEDULE) if schedule_is_learners else (LOOP, TRAIN)
        super().__init__(parts, model, device, seed, plan, Point, stepping)
        self._tokenizer, self._start = sample
        self._train = windows[0]
        self._kept = Loader(windows[1].spread(plan.looks, plan.batch))
        self._loop = parts.take(SCHEDULE, TRAIN_ON_SCHEDULE)

    def run_leg(self, tell: Callable[[], None] = lambda: None) -> None:
        """Let the learner's loop take the steps of the next leg.

        Args:
            tell: called before each step.

        Raises:
            PartFailed: the loop raised something, didn't return, or didn't do what it should.
        """
        plan, length = self.plan, self.plan.length(self.leg)
        peak, last_rate = plan.rate_of(self.leg), plan.rate_of(self.leg + 1)
        # The first leg climbs to the full rate; in the others, the first step has it already.
        warm_up, first_rate = (length - 1, 0.05 * peak) if self.leg == 0 else (1, peak)
        seed = self._begin_leg()
        batches = self._train.drawn(length, plan.batch, seed)
        # One evaluation after the first step; in the last leg, another one after the last step.
        last = self.leg + 1 == plan.legs
        every = max(1, length - 1) if last else plan.leg
        begin, printed, steps_taken = time.monotonic(), io.StringIO(), Counter[str]()
        with self._parts.running() as sign, self._watched(sign, length, lambda: steps_taken.update(["step"])):
            loader = Loader(batches, lambda: _both(sign, tell))
            given = (self.model, loader, self._kept, self.optimizer, self._device)
            with contextlib.redirect_stdout(printed):
                # One epoch; by position, because a learner's parameters may have other names.
                schedule = (warm_up, first_rate, last_rate)
                returned = self._loop(*given, 1, every, plan.looks, self._start, self._tokenizer, *schedule)
        self.seconds += time.monotonic() - begin
        self.printed = printed.getvalue()[-PRINTED:]
        self._keep(returned, steps_taken["step"], length, batches[0][0].numel(), every)

    def _keep(self, returned: Any, taken: int, length: int, tokens: int, every: int) -> None:
        """Check the results of a leg, and add its points to the curve."""
        if taken != length:
            raise self._at_fault(f"took {taken} optimizer steps for {length} batches")
        indices = range(0, length, every)
        try:
            train, kept, _, rates = (list(map(float, values)) for values in returned)
        except (TypeError, ValueError):
            lists = "three" if self._stepping[0] == LOOP else "four"
            raise self._at_fault(f"returned {type(returned).__name__} instead of {lists} lists of numbers") from None
        if len(rates) != length:
            raise self._at_fault(f"returned {len(rates)} learning rates for {length} steps")
        if not len(train) == len(kept) == len(indices):
            raise self._at_fault(f"returned {len(train)} and {len(kept)} losses instead of {len(indices)} of each")
        points = [
            Point(self.steps + index + 1, (self.steps + index + 1) * tokens, *losses)
            for index, *losses in zip(indices, train, kept, strict=True)
        ]
        for point in points:
            if not (math.isfinite(point.train) and math.isfinite(point.kept)):
                raise PartFailed(
                    f"The loss is {point.train:g} on the training text and {point.kept:g} on the held-out text, "
                    f"after step {point.step}: training has diverged.\n"
                    f"The training so far is saved. Try another seed: grader capstone --seed {self._seed + 1}"
                )
        self.curve += points
        self.leg += 1


def surprise(
    model: nn.Module,
    pieces: Sequence[Sequence[int]],
    before: int,
    context: int,
    device: torch.device,
    tell: Callable[[], None] = lambda: None,
) -> float:
    """Return a model's total surprise at whole pieces, in nats; it reads each piece from its beginning."""
    rows: list[tuple[list[int], list[int]]] = []
    for piece in pieces:
        inputs = [before, *piece[:-1]]
        rows += [
            (inputs[start : start + context], list(piece[start : start + context]))
            for start in range(0, len(piece), context)
        ]
    total = 0.0
    model.eval()
    with torch.no_grad():
        for first in range(0, len(rows), 32):
            tell()
            batch = rows[first : first + 32]
            inputs_, targets = _padded([row[0] for row in batch], 0), _padded([row[1] for row in batch], -100)
            logits = model(inputs_.to(device)).flatten(0, 1)
            total += nn.functional.cross_entropy(logits, targets.flatten().to(device), reduction="sum").item()
    return total


def _both(first: Callable[[], None], second: Callable[[], None]) -> None:
    first()
    second()


def _padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])
