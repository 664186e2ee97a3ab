"""The steps of a run: the text, the training, the writing, the files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Any

import safetensors.torch
import torch
from rich.console import Console
from torch import nn

from capstone import folder as files
from capstone.account import Account, Sample, fitting, parts_table
from capstone.batches import Windows
from capstone.classify import CLASSIFY, classify
from capstone.curve import in_characters, pictures
from capstone.errors import NoDevice
from capstone.folder import Run
from capstone.gpt2 import check_files
from capstone.instruct import INSTRUCT, instruct
from capstone.legs import progress_bar, take_legs
from capstone.material import Sizes, prepare
from capstone.milestones import ATTENTION, BABBLE, STEPS, checked_name, show_attention, show_babble
from capstone.model import count_parameters, make_model
from capstone.published import write_with_gpt2
from capstone.text import Text, read_text, tell_stories
from capstone.tokens import BookTokenizer, Tokens
from capstone.training import Point, Training, seed_of, surprise
from capstone.tuning import look_for_model
from capstone.writing import write
from grader.errors import UsageError
from grader.extras import install_command
from grader.study.capstone import CapstoneOptions, Parts

_BEGINNING = 12
"""The number of tokens of the user's own text that the model continues."""
SAYING = 0.7
"""The temperature at which the model continues a text that somebody gives it."""
TASKS: dict[str, Callable[[Parts, CapstoneOptions, torch.device], object]] = {CLASSIFY: classify, INSTRUCT: instruct}
"""What can be done with the trained model, by its name on the command line."""
_FINE_TUNING = ("classifier_head", "classifier", "instruction_data", "lora", "dpo")
UNUSED = {
    "": ("causal_attention", "gpt2_weights", *_FINE_TUNING),
    ATTENTION: ("generation", "gpt2_weights", *_FINE_TUNING),
    BABBLE: (
        "causal_attention", "data_loader", "training_loop", "adamw", "lr_schedule", "checkpointing", "gpt2_weights",
        *_FINE_TUNING,
    ),
}  # fmt: skip
"""The exercises whose modules a run doesn't use, by its milestone: changing one of them doesn't make it another run."""
_TEMPERATURES = ((0.0, 1), (0.7, 1), (1.0, 2))
"""The temperatures of the sample texts, and the number of texts for each."""


def look_at(order: CapstoneOptions) -> None:
    """Report wrong options before any work starts.

    Raises:
        NoDevice: the device doesn't exist.
        UnfitText: the model can't be trained on the text.
        UsageError: there is no such milestone or task, or an option doesn't fit it.
        NoModel: the task needs a trained model, and there is none.
        NoWeights: there are no such published weights.
        MissingPackage: the package that downloads them is not installed.
    """
    _device(order.device)
    if order.task:
        _look_at_task(order)
    if order.text is not None:
        read_text(order.text)
    if order.milestone:
        checked_name(order.milestone)
    if order.gpt2:
        check_files(order.gpt2)


def run(parts: Parts, order: CapstoneOptions, sizes: Sizes | None = None) -> Account | None:
    """Train, or continue training, and write; show and save the results.

    Args:
        parts: the learner's modules, or stand-ins.
        order: the user's options.
        sizes: the sizes of everything.

    Raises:
        GraderError: the message says what to do.

    Returns:
        The account of the run; None if the order was for a task, a milestone or GPT-2.
    """
    sizes = sizes or Sizes()
    device = _device(order.device)
    if order.gpt2:
        write_with_gpt2(parts, order, device)
        return None
    # A seed then gives the same numbers on any number of cores. For tensors this small it is also the fastest.
    torch.set_num_threads(1)
    if order.task:
        TASKS[order.task](parts, order, device)
        return None
    text = tell_stories(sizes.stories) if order.text is None else read_text(order.text)
    if order.milestone:
        order = dataclasses.replace(order, out=order.out / order.milestone, steps=order.steps or STEPS)
    modules = [name for name in parts.by_exercise if name not in UNUSED[order.milestone]]
    kept_run = Run(order.out, _about(parts, modules, order, sizes, text, device))
    for sentence in kept_run.begin(order.restart):
        _say(order.console, sentence)
    _say(order.console, "Your GPT is made of:")
    order.console.print(parts_table(parts, modules))
    if not any(parts.by_exercise[name].is_learners for name in modules):
        _say(order.console, "None of the modules is yours yet; this run shows what it will be like.")
    if order.milestone:
        _Work(parts, order, sizes, text, device, kept_run).show_milestone()
        return None
    work = None
    result = kept_run.read(files.RESULT)
    if result is None:
        work = _Work(parts, order, sizes, text, device, kept_run)
        account = work.finish(work.train())
    else:
        account = Account.from_data(result)
        if not order.say:
            _say(order.console, "This run was already finished; --restart trains again.")
        if not (order.out / files.PICTURES[0]).exists():
            _draw(kept_run, [Point(**point) for point in kept_run.read_lines(files.LOG)], account, order)
    if work is not None or not order.say:
        _show(account, order)
    if order.say:
        work = work or _Work(parts, order, sizes, text, device, kept_run)
        work.say(order.say)
    return account


class _Work:
    """One run, from its text to its files."""

    def __init__(
        self, parts: Parts, order: CapstoneOptions, sizes: Sizes, text: Text, device: torch.device, kept_run: Run
    ) -> None:
        self._parts, self._order, self._sizes = parts, order, sizes
        self._device, self._run = device, kept_run
        order.progress.print("Learning the tokens ...")
        self._material = prepare(text, self._learned_tokens(text), sizes)
        self._config = self._material.config(sizes)

    def show_milestone(self) -> None:
        """Show what the learner's attention looks at after some training, or what their model writes without any."""
        order, parts, material = self._order, self._parts, self._material
        if order.milestone == BABBLE:
            show_babble(order.console, parts, self._new_model(), material, seed_of(order.seed, "writing"))
        else:
            show_attention(order.console, parts, self.train().model, material, self._config["n_heads"])

    def say(self, begin: str) -> None:
        """Continue a text with the model of a finished run."""
        material, parts = self._material, self._parts
        model = self._new_model()
        model.load_state_dict(safetensors.torch.load((self._run.folder / files.MODEL).read_bytes()))
        ids = [material.before, *material.tokens.encode_all([begin])[0]][-material.context // 2 :]
        end = material.before if material.text.source is not None else None
        context = material.context
        seed = seed_of(self._order.seed, "say")
        (written,) = write(parts, model, ids, 1, context - len(ids), context, SAYING, end, seed)
        _say(self._order.console, f"\n--- temperature {SAYING:g}, continuing {begin!r}")
        _say(self._order.console, begin + material.tokens.decode(written).rstrip())

    def _new_model(self) -> nn.Module:
        torch.manual_seed(seed_of(self._order.seed, "weights"))
        return make_model(self._config, self._parts).to(self._device)

    def train(self) -> Training:
        """Make the model, and take the remaining steps."""
        order, material, config, device = self._order, self._material, self._config, self._device
        model = self._new_model()
        for line in material.described():
            _say(order.console, line)
        sizes = f"{config['n_layers']} blocks of width {config['emb_dim']}, {config['n_heads']} heads"
        _say(
            order.console,
            f"  model   {count_parameters(model):,} parameters: {sizes}, context {material.context}; on {device.type}",
        )
        train, kept = (
            Windows(self._parts, half, material.before, material.context, device)
            for half in (material.train, material.kept)
        )
        plan = self._sizes.plan if order.steps is None else dataclasses.replace(self._sizes.plan, steps=order.steps)
        beginning = material.text.kept[0][:20]
        tokenizer = BookTokenizer(material.tokens)
        training = Training(self._parts, model, (train, kept), device, (tokenizer, beginning), order.seed, plan)
        self._take_legs(training)
        return training

    def finish(self, training: Training) -> Account:
        """Measure, write texts, draw; save everything, the result last."""
        _say(self._order.console, f"Trained for {training.steps} steps, which took {training.seconds:.0f} seconds.")
        model, material, run_ = training.model, self._material, self._run
        with progress_bar(self._order) as bar, self._parts.running() as sign:
            task = bar.add_task("writing", total=None, status="")

            def tell() -> None:
                sign()
                bar.advance(task)

            nats = surprise(model, material.kept, material.before, material.context, self._device, tell)
            samples, drawn = self._samples(model, tell)
        account = self._account(nats, samples, drawn)
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
        run_.write(files.MODEL, safetensors.torch.save(weights, {"format": "pt"}))
        run_.write(files.CONFIG, json.dumps(self._config, indent=1))
        run_.write(files.SAMPLES, account.samples_text())
        _draw(run_, training.curve, account, self._order)
        run_.write(files.RESULT, json.dumps(dataclasses.asdict(account), indent=1))
        run_.drop(files.STATE)
        run_.drop(files.CHECKPOINT)
        return account

    def _learned_tokens(self, text: Text) -> Tokens:
        kept = self._run.read(files.TOKENIZER)
        if kept is not None:
            return Tokens.from_data(self._parts, kept)
        tokens = Tokens.learn(self._parts, text.train, self._sizes.vocab_size)
        self._run.write(files.TOKENIZER, json.dumps(tokens.to_data()))
        return tokens

    def _take_legs(self, training: Training) -> None:
        """Take all remaining legs, and save the run after each."""

        def status() -> str:
            loss = f"loss {training.curve[-1].kept:.2f}  " if training.curve else ""
            return f"{loss}{self._levels()}"

        take_legs(self._run, training, self._order, "training", status)

    def _levels(self) -> str:
        source = self._material.source
        floor = "" if source is None else f"  source {source:.2f}"
        return f"bigram {self._material.baselines.bigram:.2f}{floor}"

    def _samples(self, model: nn.Module, tell: Callable[[], None]) -> tuple[list[Sample], list[str]]:
        """Write some texts to show, and others to evaluate."""
        material, seed = self._material, seed_of(self._order.seed, "writing")
        stories = material.text.source is not None
        begin = [material.before] if stories else material.kept[0][:_BEGINNING]
        end = material.before if stories else None

        def texts(count: int, temperature: float, seed: int) -> list[str]:
            context = material.context
            written = write(self._parts, model, begin, count, context, context, temperature, end, seed, tell)
            return [material.tokens.decode(ids) for ids in written]

        samples = []
        for temperature, count in _TEMPERATURES:
            how = f"temperature {temperature:g}" if temperature else "greedy: always the most likely token"
            given = "" if stories else material.tokens.decode(begin)
            samples += [Sample(how, given, text) for text in texts(count, temperature, seed)]
        return samples, texts(self._sizes.drawn, 1.0, seed + 1) if stories else []

    def _account(self, nats: float, samples: Sequence[Sample], drawn: Sequence[str]) -> Account:
        material = self._material
        text, count, source = material.text, material.kept_tokens, material.text.source
        known = set(text.train)
        return Account(
            uniform=material.baselines.uniform * count,
            unigram=material.baselines.unigram * count,
            bigram=material.baselines.bigram * count,
            gpt=nats,
            source=sum(text.surprises) if source else None,
            entropy=source.entropy() if source else None,
            tokens=count,
            characters=sum(map(len, text.kept)),
            pieces=len(text.kept),
            drawn=len(drawn),
            derived=sum(source.derives(story.removesuffix("\n")) for story in drawn) if source else 0,
            copied=sum(story in known for story in drawn),
            samples=list(samples),
        )


def _draw(run_: Run, curve: Sequence[Point], account: Account, order: CapstoneOptions) -> None:
    """Write the curve as pictures; without matplotlib, draw it with characters, and say how to get pictures later."""
    try:
        for kind, picture in pictures(curve, account.levels(), account.gpt / account.tokens).items():
            run_.write(f"curve.{kind}", picture)
    except ImportError:
        if order.say:
            return
        _say(order.console, in_characters(curve, account.levels()))
        # A line of its own, so that it can be copied from a terminal.
        _say(
            order.console,
            f"To get the curve as a picture: {install_command('pictures')}; then run the same command again",
        )


def _show(account: Account, order: CapstoneOptions) -> None:
    console = order.console
    console.print()
    console.print(account.table(console))
    console.print()
    for sentence in account.words():
        _say(console, sentence)
    console.print()
    _say(console, account.samples_text())
    names = (*files.PICTURES, files.SAMPLES, files.MODEL)
    there = ", ".join(name for name in names if (order.out / name).is_file())
    console.print(fitting(console, f"Wrote {there} and more to {order.out}"), markup=False, soft_wrap=True)


def _say(console: Console, text: str) -> None:
    console.print(fitting(console, text), markup=False)


def _look_at_task(order: CapstoneOptions) -> None:
    if order.task not in TASKS:
        raise UsageError(f"There is no task `{order.task}`. Choose one of: {', '.join(TASKS)}.")
    given = {"--text": order.text, "--milestone": order.milestone, "--gpt2": order.gpt2, "--minutes": order.minutes}
    wrong = [name for name, value in given.items() if value]
    if wrong or order.say:
        raise UsageError(f"{(wrong or ['--say'])[0]} doesn't go with `{order.task}`. Leave it out.")
    look_for_model(order)


def _device(wanted: str) -> torch.device:
    devices = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    there = [name for name, exists in devices.items() if exists]
    if wanted != "auto" and wanted not in there:
        raise NoDevice(f"There is no device `{wanted}` here. There is: {', '.join(there)}. Name one: --device cpu")
    return torch.device(there[0] if wanted == "auto" else wanted)


def _about(
    parts: Parts, modules: Sequence[str], order: CapstoneOptions, sizes: Sizes, text: Text, device: torch.device
) -> dict[str, Any]:
    """Return everything that determines a run."""
    about: dict[str, Any] = {"seed": order.seed, "steps": order.steps, "minutes": order.minutes, "text": text.digest}
    about |= {"sizes": dataclasses.asdict(sizes), "device": device.type, "torch": torch.__version__}
    return about | {name: parts.by_exercise[name].digest for name in modules}
