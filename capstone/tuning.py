"""What both fine-tunings share: the pretrained model to begin with, the loops of the learner's, and the files."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy
import safetensors.torch
import torch
from rich.console import Console
from torch import Tensor, nn

from capstone import folder as files
from capstone.curve import Level, in_characters_of_shares, pictures_of_shares
from capstone.errors import DamagedRun, NoModel
from capstone.folder import Run
from capstone.legs import take_legs
from capstone.milestones import say
from capstone.model import make_model
from capstone.text import tell_stories
from capstone.tokens import Tokens
from capstone.training import PRINTED, Legs, Plan, seed_of
from grader.extras import install_command
from grader.files import short_digest
from grader.study.capstone import CapstoneOptions, PartFailed, Parts

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class TuningPoint:
    """A point of a fine-tuning's curve: the losses, and the share of right answers on held-out examples."""

    step: int
    train: float
    kept: float
    right: float


@dataclass(frozen=True)
class Pretrained:
    """The model that the capstone has trained; `before` is the token with which every text began."""

    config: dict[str, Any]
    weights: Mapping[str, Tensor]
    tokens: Tokens
    before: int
    digest: str

    def model(self, parts: Parts, device: torch.device) -> nn.Module:
        """Build the model from the learner's modules, with these weights."""
        model = make_model(self.config, parts)
        # Only the parameters: buffers such as a mask are the business of the modules, which may be others by now.
        parameters = {name: self.weights[name] for name, _ in model.named_parameters()}
        model.load_state_dict(parameters, strict=False)
        return model.to(device)


def look_for_model(order: CapstoneOptions) -> None:
    """Look for a finished capstone without reading its weights.

    Raises:
        NoModel: there is none, or it was trained on another text than the stories.
    """
    run = Run(order.out, {})
    again = "" if str(order.out) == str(files.DEFAULT) else f" --out {order.out}"
    if run.read(files.RESULT) is None or not (order.out / files.MODEL).is_file():
        begun = (order.out / files.ABOUT).is_file()
        what = "isn't finished yet" if begun else "doesn't exist yet"
        raise NoModel(
            f"`{order.task}` fine-tunes the model of your capstone, which {what} in {order.out}. "
            f"Train it first: grader capstone{again}"
        )
    about = run.read(files.ABOUT) or {}
    stories = about.get("sizes", {}).get("stories", 0)
    if about.get("text") != tell_stories(max(1, stories)).digest:
        raise NoModel(
            f"The model in {order.out} was trained on a text of your own, and `{order.task}` is about the stories. "
            f"Train another one on them: grader capstone --out build/stories; "
            f"then run: grader capstone {order.task} --out build/stories"
        )


def read_pretrained(parts: Parts, order: CapstoneOptions) -> Pretrained:
    """Read the model that the capstone has trained.

    Raises:
        NoModel: there is none.
        DamagedRun: one of its files can't be read.
    """
    look_for_model(order)
    run = Run(order.out, {})
    try:
        data = (order.out / files.MODEL).read_bytes()
        weights = safetensors.torch.load(data)
        tokens = Tokens.from_data(parts, run.read(files.TOKENIZER))
        config = dict(run.read(files.CONFIG))
    except (OSError, safetensors.SafetensorError, KeyError, TypeError):
        raise DamagedRun(
            f"The model in {order.out} can't be read. Train it again (the files are kept): grader capstone --restart"
        ) from None
    return Pretrained(config, weights, tokens, tokens.encode_all(["\n"])[0][0], short_digest(data))


class Trained(nn.Module):
    """A model of which a training loop sees only the parameters that are to be trained.

    A right loop may do things with the gradient of every parameter, and a frozen one has none. So a loop gets this:
    its parameters are the trained ones themselves, and its output is that of the whole model.
    """

    whole: nn.Module

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        # Not as a submodule, whose parameters would count.
        object.__setattr__(self, "whole", model)
        self._names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
        for name in self._names:
            self.register_parameter(name.replace(".", "/"), model.get_parameter(name))

    @property
    def pos_emb(self) -> Any:
        """The positions, whose number a loop may want to know for a sample text."""
        return self.whole.pos_emb

    def train(self, mode: bool = True) -> Trained:
        """Set the mode of the whole model."""
        super().train(mode)
        self.whole.train(mode)
        return self

    def forward(self, ids: Tensor) -> Tensor:
        """Compute the whole model's output, with the parameters that this module has now."""
        own = {name: getattr(self, name.replace(".", "/")) for name in self._names}
        logits: Tensor = torch.func.functional_call(self.whole, own, (ids,))
        return logits


class Tuning(Legs[TuningPoint], Generic[Batch]):
    """A fine-tuning, leg by leg; subclasses say what a leg does.

    Args:
        parts: the learner's modules.
        model: the model; only parameters that require a gradient are trained.
        device: the device of the model.
        seed: a seed for this fine-tuning only.
        plan: the plan of the training.
        draw: makes the batches of a leg from their number, their size and a seed.
        right: measures the share of right answers; it is given a sign of progress.
        stepping: the exercise and the function that take the steps.
    """

    def __init__(
        self,
        parts: Parts,
        model: nn.Module,
        device: torch.device,
        seed: int,
        plan: Plan,
        draw: Callable[[int, int, int], list[Batch]],
        right: Callable[[], float],
        stepping: tuple[str, str],
    ) -> None:
        super().__init__(parts, model, device, seed, plan, TuningPoint, stepping)
        self._draw, self._right = draw, right

    def run_leg(self, tell: Callable[[], None] = lambda: None) -> None:
        """Take the steps of the next leg, and measure."""
        length = self.plan.length(self.leg)
        batches = self._draw(length, self.plan.batch, self._begin_leg())
        begin, printed, taken = time.monotonic(), io.StringIO(), 0

        def stepped() -> None:
            nonlocal taken
            taken += 1

        with self._parts.running() as sign, self._watched(sign, length, stepped), contextlib.redirect_stdout(printed):

            def begun() -> None:
                sign()
                tell()

            train, kept = self._take(batches, begun)
        self.seconds += time.monotonic() - begin
        self.printed = printed.getvalue()[-PRINTED:]
        if taken != length:
            raise self._at_fault(f"took {taken} optimizer steps for {length} batches")
        step = self.steps + length
        if not (math.isfinite(train) and math.isfinite(kept)):
            raise PartFailed(
                f"The loss is {train:g} on the training examples and {kept:g} on the held-out ones, after step {step}: "
                "training has diverged. The training so far is saved. Try another seed: --seed 1"
            )
        self.curve.append(TuningPoint(step, train, kept, self._right()))
        self.leg += 1

    def _take(self, batches: list[Batch], begun: Callable[[], None]) -> tuple[float, float]:
        """Take a step on each batch, and return the losses on the training examples and the held-out ones."""
        raise NotImplementedError

    def _last(self, returned: Any, count: int, position: int, what: str) -> float:
        """Return the last number of one of the lists that a loop returned."""
        try:
            values = list(map(float, returned[position]))
        except (TypeError, ValueError, IndexError, KeyError):
            raise self._at_fault(f"returned {type(returned).__name__} instead of {what}") from None
        if len(values) != count:
            raise self._at_fault(
                f"returned {len(values)} numbers instead of {count} in the list at position {position}"
            )
        return values[-1]


class Task:
    """One fine-tuning command: its options, its folder, and what it prints.

    Args:
        parts: the learner's modules.
        order: the user's options.
        device: the device of the models.
        modules: the exercises whose modules are used.
        sizes: the sizes of everything, as a dataclass.
    """

    def __init__(
        self, parts: Parts, order: CapstoneOptions, device: torch.device, modules: Sequence[str], sizes: Any
    ) -> None:
        self.parts, self.order, self.device = parts, order, device
        self.pretrained = read_pretrained(parts, order)
        about: dict[str, Any] = {"seed": order.seed, "steps": order.steps, "sizes": dataclasses.asdict(sizes)}
        about |= {"model": self.pretrained.digest, "device": device.type, "torch": torch.__version__}
        self._about = about | {name: parts.by_exercise[name].digest for name in modules}
        self.folder = order.out / order.task
        self.run = self.begun(self.folder)

    def begun(self, folder: Any) -> Run:
        """Return a run in a folder: the one that is there if it's the same one, else a new one."""
        run = Run(folder, self._about, f"grader capstone {self.order.task}")
        for sentence in run.begin(self.order.restart):
            if folder == self.folder:
                self.say(sentence)
        return run

    def say(self, text: str) -> None:
        """Print a sentence."""
        say(self.order.console, text)

    def seed(self, what: str) -> int:
        """Derive a seed for one purpose."""
        return seed_of(self.order.seed, f"{self.order.task} {what}")

    def seeded(self, what: str) -> int:
        """Set all random states for one purpose, and return the seed."""
        seed = self.seed(what)
        torch.manual_seed(seed)
        random.seed(seed)
        numpy.random.seed(seed)
        return seed

    def plan(self, plan: Plan, share: float = 1.0) -> Plan:
        """Return a plan, with a share of the number of steps that the user asks for."""
        if self.order.steps is None:
            return plan
        steps = max(1, round(share * self.order.steps))
        return dataclasses.replace(plan, steps=steps, leg=min(plan.leg, steps))

    def trained(self, run: Run, training: Tuning[Any], what: str, baseline: str) -> None:
        """Take all the legs of a training that remain, or load the model if it is finished."""

        def status() -> str:
            right = f"{training.curve[-1].right:.0%} right  " if training.curve else ""
            return f"{right}{baseline}"

        lines = run.read_lines(files.LOG) if run.read(files.RESULT) is not None else None
        if lines is not None:
            training.curve = [TuningPoint(**line) for line in lines]
            training.model.load_state_dict(safetensors.torch.load((run.folder / files.MODEL).read_bytes()))
            return
        take_legs(run, training, self.order, what, status)
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in training.model.state_dict().items()}
        run.write(files.MODEL, safetensors.torch.save(weights, {"format": "pt"}))
        run.write(files.RESULT, json.dumps({"steps": training.steps}))
        run.drop(files.STATE)
        run.drop(files.CHECKPOINT)

    def draw(self, curves: Mapping[str, Sequence[TuningPoint]], levels: Mapping[str, float], title: str) -> None:
        """Write the curves as pictures, or draw them with characters if matplotlib isn't installed."""
        shares = {name: [(point.step, point.right) for point in points] for name, points in curves.items()}
        self.run.write(files.DRAWN, json.dumps({"shares": shares, "levels": levels, "title": title}))
        self.redraw()

    def redraw(self) -> None:
        """Draw the curves, unless there is a picture of them: matplotlib may have been installed later."""
        drawn = self.run.read(files.DRAWN)
        if drawn is None or (self.folder / files.PICTURES[0]).exists():
            return
        levels = [Level(name, share) for name, share in drawn["levels"].items()]
        try:
            for kind, picture in pictures_of_shares(drawn["shares"], levels, drawn["title"]).items():
                self.run.write(f"curve.{kind}", picture)
        except ImportError:
            self.say(in_characters_of_shares(drawn["shares"], levels))
            self.say(f"To get the curve as a picture: {install_command('pictures')}; then run the same command again")

    def say_files(self) -> None:
        """Say what was written where."""
        names = [name for name in (*files.PICTURES, files.SAMPLES, files.RESULT) if (self.folder / name).is_file()]
        self.order.console.print(f"Wrote {', '.join(names)} and more to {self.folder}", markup=False, soft_wrap=True)


def bar_of(console: Console, share: float) -> str:
    """Draw a share of right answers as a bar."""
    return ("#" if console.options.ascii_only else "█") * round(24 * share)


@contextlib.contextmanager
def signing(parts: Parts, model: nn.Module) -> Iterator[None]:
    """Run the learner's code, with each call of a model as a sign of progress."""
    with parts.running() as sign:
        handle = model.register_forward_pre_hook(lambda *_: sign())
        try:
            yield
        finally:
            handle.remove()
