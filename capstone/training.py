"""Training: the learner's `train_model_simple` takes every step, in legs; the run is saved after each leg.

A leg is one call with one epoch over a few batches. Each leg starts from its own seed, so that it depends only on the
weights, the optimizer and its number: a run that was killed continues exactly as it would have.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from capstone.batches import Loader, Windows
from capstone.folder import State
from grader.study.capstone import PartFailed, Parts

RUNAWAY, SPARE = 20, 5_000
"""A loop may call the model this many times as often as needed, and this many times more for samples."""
PRINTED = 100_000
"""The number of characters to keep of what a learner's loop prints."""
LOOP, TRAIN = "training_loop", "train_model_simple"


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
        return -(-self.steps // self.leg)

    def length(self, leg: int) -> int:
        """Return the number of steps of a leg; the last one may be shorter."""
        return min(self.leg, self.steps - leg * self.leg)

    def rate_of(self, leg: int) -> float:
        """Return a leg's learning rate: low at first, then the full rate, then along a cosine down to a twentieth."""
        if leg == 0:
            return 0.2 * self.rate
        return self.rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * leg / max(1, self.legs))))


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


class Training:
    """A model in training.

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
        self.plan = plan
        self.curve: list[Point] = []
        self.leg = 0
        self.seconds = 0.0
        self.printed = ""
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, betas=(0.9, 0.99), weight_decay=plan.decay)
        self._parts, self._device, self._seed = parts, device, seed
        self._tokenizer, self._start = sample
        self._train = windows[0]
        self._kept = Loader(windows[1].spread(plan.looks, plan.batch))
        self._loop = parts.take(LOOP, TRAIN)

    @property
    def steps(self) -> int:
        return min(self.leg * self.plan.leg, self.plan.steps)

    def fit_into(self, seconds: float) -> None:
        """Plan as many steps as fit into these seconds, after the first leg has shown how long a step takes."""
        fit = int(seconds / self.seconds * self.steps)
        self.plan = dataclasses.replace(self.plan, steps=max(self.plan.leg, fit))

    def run_leg(self, tell: Callable[[], None] = lambda: None) -> None:
        """Let the learner's loop take the steps of the next leg.

        Args:
            tell: called before each step.

        Raises:
            PartFailed: the loop raised something, didn't return, or didn't do what it should.
        """
        plan, length = self.plan, self.plan.length(self.leg)
        for group in self.optimizer.param_groups:
            group["lr"] = plan.rate_of(self.leg)
        seed = seed_of(self._seed, f"leg {self.leg}")
        torch.manual_seed(seed)
        random.seed(seed)
        numpy.random.seed(seed)
        batches = self._train.drawn(length, plan.batch, seed)
        # One evaluation after the first step; in the last leg, another one after the last step.
        last = self.leg + 1 == plan.legs
        every = max(1, length - 1) if last else plan.leg
        begin, printed = time.monotonic(), io.StringIO()
        with self._parts.running() as sign, self._watched(sign, length):
            loader = Loader(batches, lambda: _both(sign, tell))
            given = (self.model, loader, self._kept, self.optimizer, self._device)
            with contextlib.redirect_stdout(printed):
                # One epoch; by position, because a learner's parameters may have other names.
                returned = self._loop(*given, 1, every, plan.looks, self._start, self._tokenizer)
        self.seconds += time.monotonic() - begin
        self.printed = printed.getvalue()[-PRINTED:]
        self._keep(returned, length, batches[0][0].numel(), every)

    def state(self) -> State:
        """Return everything that the rest of the run depends on."""
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for name, parameter in self.model.named_parameters():
            tensors |= {f"optimizer.{key}.{name}": value for key, value in self.optimizer.state[parameter].items()}
        curve = [[point.step, point.tokens, point.train, point.kept] for point in self.curve]
        data = {"leg": self.leg, "steps": self.plan.steps, "seconds": self.seconds, "curve": curve}
        return State(tensors, data)

    def restore(self, state: State) -> None:
        """Continue from a saved state."""
        model = {key.removeprefix("model."): value for key, value in state.tensors.items() if key.startswith("model.")}
        self.model.load_state_dict(model)
        for name, parameter in self.model.named_parameters():
            for key in ("step", "exp_avg", "exp_avg_sq"):
                value = state.tensors[f"optimizer.{key}.{name}"]
                self.optimizer.state[parameter][key] = value if key == "step" else value.to(parameter.device)
        self.leg, self.seconds = state.data["leg"], state.data["seconds"]
        self.plan = dataclasses.replace(self.plan, steps=state.data["steps"])
        self.curve = [Point(*values) for values in state.data["curve"]]

    @contextlib.contextmanager
    def _watched(self, sign: Callable[[], None], length: int) -> Iterator[None]:
        """Count each call of the model as a sign of progress, unless there are far too many."""
        left = RUNAWAY * (length + 2 * self.plan.looks) + SPARE

        def used(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise self._at_fault(f"keeps calling the model, long after {length} steps")
            sign()

        handle = self.model.register_forward_pre_hook(used)
        try:
            yield
        finally:
            handle.remove()

    def _keep(self, returned: Any, length: int, tokens: int, every: int) -> None:
        """Check the results of a leg, and add its points to the curve."""
        states = [state.get("step") for state in self.optimizer.state.values()] or [0]
        taken = int(max(float(step or 0) for step in states)) - self.steps
        if taken != length:
            raise self._at_fault(f"took {taken} optimizer steps for {length} batches")
        indices = range(0, length, every)
        try:
            train, kept, _ = (list(map(float, values)) for values in returned)
        except (TypeError, ValueError):
            raise self._at_fault(f"returned {type(returned).__name__} instead of three lists of numbers") from None
        if not self._is_learners() and len(train) < len(indices):
            indices = indices[-len(train) :]
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

    def _is_learners(self) -> bool:
        return self._parts.by_exercise[LOOP].is_learners

    def _at_fault(self, what: str) -> PartFailed:
        whose = "Your" if self._is_learners() else "The stand-in's"
        return PartFailed(f"{whose} {TRAIN} {what}. Run: grader check {LOOP}")


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
